import type { World } from "../http";
import type { User } from "../store";

/** The argument of every resolver: the data, and the user whose token the request carries. */
export interface Scope {
    readonly world: World;
    readonly viewer: User;
}
