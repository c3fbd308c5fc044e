/** Environment variable of the backend by entry of the secret store. */
export const backendVariables = { "database-url": "DATABASE_URL", "application-secret-key": "SECRET_KEY" } as const;

/** Environment variable with the version of the release that a pod runs. */
export const releaseVariable = "RELEASE_VERSION";
