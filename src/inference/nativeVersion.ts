/** The pinned version of `onnxruntime-node`; a test holds it against package.json. */
export const NATIVE_VERSION = '1.30.0';
