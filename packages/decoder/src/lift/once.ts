/** What `make` gives, made when it is first asked for: tables of iced-x86's numbers cannot be made before it is loaded. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
