// GitHub's own parser and evaluator, for the runner's CommonJS modules: both packages have entries for `import` alone.
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { JSONObjectReader } from "@actions/workflow-parser/templates/json-object-reader";
import { TemplateSchema } from "@actions/workflow-parser/templates/schema/index";

export { data, Evaluator, Lexer, Parser } from "@actions/expressions";
export { convertToIfCondition } from "@actions/workflow-parser/model/converter/if-condition";
export { convertJobs } from "@actions/workflow-parser/model/converter/jobs";
export { convertSteps } from "@actions/workflow-parser/model/converter/steps";
export { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
export { readTemplate } from "@actions/workflow-parser/templates/template-reader";
export { StringToken } from "@actions/workflow-parser/templates/tokens/index";
export {
    isBasicExpression,
    isLiteral,
    isMapping,
    isSequence,
    isString,
} from "@actions/workflow-parser/templates/tokens/type-guards";
export { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
export { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";

// The package's own modules import the schemas without the attribute that Node.js asks for.
const dist = new URL("../", import.meta.resolve("@actions/workflow-parser/templates/trace-writer"));

const schemas = {};

export function schema(name) {
    return (schemas[name] ??= load(name));
}

function load(name) {
    const text = fs.readFileSync(fileURLToPath(new URL(`${name}-v1.0.min.json`, dist)), "utf8");
    return TemplateSchema.load(new JSONObjectReader(undefined, text));
}
