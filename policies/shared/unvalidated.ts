/**
 * A resource's inputs as a policy receives them: any property may be missing or null, whatever the provider's types ask
 * for, because nothing has validated them yet.
 */
export type Unvalidated<T> = T extends readonly (infer Element)[]
    ? readonly Unvalidated<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Unvalidated<T[Key]> | null | undefined }
      : T;

/** Unvalidated inputs that a remediation may change in place. */
export type Remediable<T> = T extends readonly (infer Element)[]
    ? Remediable<Element>[]
    : T extends object
      ? { [Key in keyof T]?: Remediable<T[Key]> | null | undefined }
      : T;
