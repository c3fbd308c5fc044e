import type { TemplateSchema } from "@actions/workflow-parser/templates/schema/index";

export { data, Evaluator, Lexer, Parser } from "@actions/expressions";
export { convertToIfCondition } from "@actions/workflow-parser/model/converter/if-condition";
export { convertJobs } from "@actions/workflow-parser/model/converter/jobs";
export { convertSteps } from "@actions/workflow-parser/model/converter/steps";
export { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
export { readTemplate } from "@actions/workflow-parser/templates/template-reader";
export type { LiteralToken, MappingToken, TemplateToken } from "@actions/workflow-parser/templates/tokens/index";
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

/** The schema of workflow files or of actions' files, as GitHub checks them. */
export function schema(name: "workflow" | "action"): TemplateSchema;
