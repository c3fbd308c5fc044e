/**
 * A resource's inputs as a policy meets them: any property may be missing or null, whatever the provider's types ask
 * for, because nothing has validated them yet.
 */
export type Given<T> = T extends readonly (infer Element)[]
    ? readonly Given<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Given<T[Key]> | null | undefined }
      : T;

/** The same, for a remediation, which changes the inputs in place. */
export type Fixable<T> = T extends readonly (infer Element)[]
    ? Fixable<Element>[]
    : T extends object
      ? { [Key in keyof T]?: Fixable<T[Key]> | null | undefined }
      : T;
