import { CIFAR10, CIFAR100, CIFAR100_COARSE } from '../cifar_form.ts';
import { CLASS_NAMES as FASHION_MNIST } from './fashion_mnist.ts';
import { CLASS_NAMES as MNIST } from './mnist.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries([CIFAR10, CIFAR100, CIFAR100_COARSE].map(({ name, classNames }) => [name, classNames])),
  mnist: MNIST,
  'fashion-mnist': FASHION_MNIST,
};

/** The names of a data set's classes, in the order of their labels, without reading it; undefined for one whose files alone tell them. */
export function classNamesOf(dataset: string): readonly string[] | undefined {
  return Object.hasOwn(NAMES, dataset) ? NAMES[dataset] : undefined;
}
