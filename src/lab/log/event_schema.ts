import protobuf from 'protobufjs/light.js';

/**
 * The part of TensorBoard's event files that is written here: names and numbers of the fields are those of the public definitions.
 * Source: event.proto, summary.proto and tensor.proto of TensorFlow, plugin_data.proto and api.proto of TensorBoard's hparams plugin, struct.proto of
 * Protocol Buffers (Apache-2.0, BSD-3-Clause). Names are in camel case, as protobufjs has them.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'SummaryValue', id: 1 } } },
    SummaryValue: {
      fields: {
        tag: { type: 'string', id: 1 },
        simpleValue: { type: 'float', id: 2 },
        image: { type: 'Image', id: 4 },
        tensor: { type: 'TensorProto', id: 8 },
        metadata: { type: 'SummaryMetadata', id: 9 },
      },
    },
    Image: {
      fields: {
        height: { type: 'int32', id: 1 },
        width: { type: 'int32', id: 2 },
        colorspace: { type: 'int32', id: 3 },
        encodedImageString: { type: 'bytes', id: 4 },
      },
    },
    TensorProto: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'TensorShapeProto', id: 2 },
        stringVal: { rule: 'repeated', type: 'bytes', id: 8 },
      },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 } } },
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
    SummaryMetadata: { fields: { pluginData: { type: 'PluginData', id: 1 }, dataClass: { type: 'int32', id: 4 } } },
    PluginData: { fields: { pluginName: { type: 'string', id: 1 }, content: { type: 'bytes', id: 2 } } },
    HParamsPluginData: {
      fields: {
        version: { type: 'int32', id: 1 },
        sessionStartInfo: { type: 'SessionStartInfo', id: 3 },
        sessionEndInfo: { type: 'SessionEndInfo', id: 4 },
      },
    },
    SessionStartInfo: {
      fields: {
        hparams: { keyType: 'string', type: 'Value', id: 1 } as protobuf.IMapField,
        startTimeSecs: { type: 'double', id: 5 },
      },
    },
    SessionEndInfo: { fields: { status: { type: 'int32', id: 1 }, endTimeSecs: { type: 'double', id: 2 } } },
    Value: {
      oneofs: { kind: { oneof: ['numberValue', 'stringValue', 'boolValue'] } },
      fields: {
        numberValue: { type: 'double', id: 2 },
        stringValue: { type: 'string', id: 3 },
        boolValue: { type: 'bool', id: 4 },
      },
    },
  },
});

/** TensorFlow's DataType of texts. */
export const STRING = 7;
/** TensorFlow's DataType of float32. */
export const FLOAT = 1;
/** DataClass of values that are tensors, such as texts. */
export const TENSOR_CLASS = 2;

const event = root.lookupType('Event');
const hparams = root.lookupType('HParamsPluginData');

/** A value of a summary, under its tag. */
export interface SummaryValue {
  tag: string;
  simpleValue?: number;
  image?: { height: number; width: number; colorspace: number; encodedImageString: Uint8Array };
  tensor?: { dtype: number; tensorShape?: { dim: { size: number }[] }; stringVal?: Uint8Array[] };
  metadata?: { pluginData: { pluginName: string; content?: Uint8Array }; dataClass?: number };
}

/** A record of an event file. */
export interface Event {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  fileVersion?: string;
  summary?: { value: SummaryValue[] };
}

/** What the hparams plugin is told when a training begins or ends. */
export interface HParamsPluginData {
  version: number;
  sessionStartInfo?: {
    hparams: Record<string, { numberValue: number } | { stringValue: string } | { boolValue: boolean }>;
    startTimeSecs: number;
  };
  sessionEndInfo?: { status: number; endTimeSecs: number };
}

/** An event as bytes. */
export function encodeEvent(message: Event): Uint8Array {
  return event.encode(event.fromObject(message)).finish();
}

/** The part of an event that is known here; what else is in it is passed over. */
export function decodeEvent(bytes: Uint8Array): Event {
  return event.toObject(event.decode(bytes), { longs: Number }) as Event;
}

/** The hparams plugin's data as bytes. */
export function encodeHParams(message: HParamsPluginData): Uint8Array {
  return hparams.encode(hparams.fromObject(message)).finish();
}

/** The way back of `encodeHParams`. */
export function decodeHParams(bytes: Uint8Array): HParamsPluginData {
  return hparams.toObject(hparams.decode(bytes)) as HParamsPluginData;
}
