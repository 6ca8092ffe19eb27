/** Type of a field: its size in bytes is {@link FIELD_SIZE}; `bytes` fields carry their length. */
export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'i64' | `bytes${number}`;
export const FIELD_SIZE = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, i64: 8 } as const;

/** A C struct as data: byte offsets and types of fields, and its size. */
export interface StructLayout<F extends string = string> {
  readonly name: string;
  readonly size: number;
  readonly fields: Readonly<Record<F, { readonly offset: number; readonly type: FieldType }>>;
}

/**
 * Lays a struct out as the x86-64 System V ABI does: each field at the next multiple of its own size, padding at the end.
 * `bytesN` fields have alignment 1.
 */
export function struct<const T extends Record<string, FieldType>>(name: string, types: T): StructLayout<keyof T & string> {
  const fields: Record<string, { offset: number; type: FieldType }> = {};
  let offset = 0;
  let alignment = 1;
  for (const [field, type] of Object.entries(types)) {
    const size = fieldSize(type);
    const align = type.startsWith('bytes') ? 1 : size;
    offset = Math.ceil(offset / align) * align;
    fields[field] = { offset, type };
    offset += size;
    alignment = Math.max(alignment, align);
  }
  return { name, size: Math.ceil(offset / alignment) * alignment, fields: fields as StructLayout<keyof T & string>['fields'] };
}

/** Size of a field in bytes. */
export function fieldSize(type: FieldType): number {
  return type.startsWith('bytes') ? Number(type.slice(5)) : FIELD_SIZE[type as keyof typeof FIELD_SIZE];
}

/** Bytes of a struct with these values; fields that are not named are 0. Numbers are taken modulo the field's width. */
export function packStruct<F extends string>(layout: StructLayout<F>, values: Partial<Record<F, number | bigint | Uint8Array>>): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  for (const key in values) {
    const value = values[key];
    if (value === undefined) continue;
    const { offset, type } = layout.fields[key];
    if (value instanceof Uint8Array) bytes.set(value.subarray(0, fieldSize(type)), offset);
    else if (type === 'u64' || type === 'i64') view.setBigUint64(offset, BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(value))), true);
    else {
      const number = Number(value);
      if (type === 'u8') view.setUint8(offset, number);
      else if (type === 'u16') view.setUint16(offset, number, true);
      else view.setUint32(offset, number, true);
    }
  }
  return bytes;
}
