import { compareVersions } from './node_version.mjs';

/**
 * What is to be done for a software Vulkan driver on this system.
 *
 * - `package`: the system's own mesa-vulkan-drivers is new enough
 * - `backports`: it must come from the backports suite of the Debian release named
 * - `impossible`: this script can do nothing; `message` says what the user can
 *
 * @typedef {{ kind: 'package' } | { kind: 'backports', codename: string } | { kind: 'impossible', message: string }} DriverPlan
 */

/** The package with Mesa's Vulkan drivers, lavapipe (the software one) among them; it depends on the loader, libvulkan1. */
export const DRIVER_PACKAGE = 'mesa-vulkan-drivers';

/**
 * Reads os-release(5).
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseOsRelease(text) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line);
    if (!match) continue;
    const value = match[2];
    const quoted = /^(["'])(.*)\1$/.exec(value);
    fields[match[1]] = (quoted ? quoted[2] : value).replace(/\\(["'$`\\])/g, '$1');
  }
  return fields;
}

/**
 * Chooses how a Linux machine gets a driver that Dawn accepts. Dawn refuses Mesa 22.3, which Debian 12 ships; Debian 13 and
 * Ubuntu 24.04 ship a newer one. Derivatives follow the release they name; an unknown one tries its own package, which is then checked.
 *
 * @param {Record<string, string>} osRelease the fields of os-release
 * @param {boolean} hasApt whether apt-get is there
 * @returns {DriverPlan}
 */
export function chooseDriverPlan(osRelease, hasApt) {
  const id = osRelease.ID ?? 'linux';
  const version = osRelease.VERSION_ID ?? '';
  const name = osRelease.PRETTY_NAME ?? ([osRelease.NAME, version].filter(Boolean).join(' ') || 'this system');
  if (!hasApt) {
    return {
      kind: 'impossible',
      message: `${name} has no apt, so the driver cannot be installed from here: install Mesa's Vulkan drivers, version 25 or newer, with the software driver lavapipe, and the Vulkan loader (package names: ${packageNames(osRelease)}), then run the same command again.`,
    };
  }
  const debian = osRelease.DEBIAN_CODENAME ?? osRelease.VERSION_CODENAME;
  if (debian === 'bookworm' || (id === 'debian' && version === '12'))
    return { kind: 'backports', codename: 'bookworm' };
  const oldest = id === 'debian' ? '12' : id === 'ubuntu' ? '24.04' : null;
  if (oldest !== null && version !== '' && compareVersions(version, oldest) < 0) {
    return {
      kind: 'impossible',
      message: `${name} ships no Vulkan driver that Dawn accepts: use ${id === 'debian' ? 'Debian' : 'Ubuntu'} ${oldest} or newer, or a driver for a graphics card.`,
    };
  }
  return { kind: 'package' };
}

/** @param {Record<string, string>} osRelease */
function packageNames(osRelease) {
  const family = `${osRelease.ID ?? ''} ${osRelease.ID_LIKE ?? ''}`;
  if (/\b(fedora|rhel|centos)\b/.test(family)) return 'mesa-vulkan-drivers and vulkan-loader';
  if (/\barch\b/.test(family)) return 'vulkan-swrast and vulkan-icd-loader';
  if (/suse/.test(family)) return 'libvulkan_lvp and libvulkan1';
  if (/\balpine\b/.test(family))
    return 'mesa-vulkan-swrast and vulkan-loader, though the npm package webgpu wants glibc';
  return 'often mesa-vulkan-drivers and vulkan-loader';
}
