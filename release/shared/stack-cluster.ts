import type { KubeConfig } from "@kubernetes/client-node";
import { clusterOf } from "../../delivery/rollouts/follow-rollout";
import { stackContext } from "../../settings/stack-values";

/** The cluster of a stack: the context of its file, as the program's provider takes it. */
export const clusterOfStack = (stack: string): KubeConfig => clusterOf(stackContext(stack));
