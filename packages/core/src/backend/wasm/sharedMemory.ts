/** WebAssembly's numbers for the sections of a module, and for an import of a memory. */
const [importSection, memorySection, memoryKind] = [2, 5, 2];
/** Flags of a memory's limits: with a maximum; with a maximum, and shared between threads. */
const [bounded, boundedAndShared] = [1, 3];

/**
 * The same module with its memory, own or imported, shared between threads. A shared memory serves instructions for
 * plain memory just as well, so one flag is all that differs.
 * @throws Error if the module has no memory with a maximum, as a first import or of its own
 */
export function shareMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(module);
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at]!;
    const [length, start] = leb128(bytes, at + 1);
    const flag =
      id === memorySection ? leb128(bytes, start)[1] : id === importSection ? importedMemory(bytes, start) : 0;
    if (flag !== 0 && bytes[flag] === bounded) {
      bytes[flag] = boundedAndShared;
      return bytes;
    }
    at = start + length;
  }
  throw new Error("the module has no memory that could be shared");
}

/** Where the flags of a memory are that is the module's first import; 0 if it is something else. */
function importedMemory(bytes: Uint8Array, start: number): number {
  let at = leb128(bytes, start)[1];
  for (let name = 0; name < 2; name++) {
    const [length, text] = leb128(bytes, at);
    at = text + length;
  }
  return bytes[at] === memoryKind ? at + 1 : 0;
}

/** A number as WebAssembly writes it, and the place after it. */
function leb128(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}
