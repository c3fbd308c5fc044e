import { DocumentError, foreignAccounts, isPublic, statementReadersOf } from "./documents";
import type { Statement } from "./documents";
import type { Findings } from "./findings";
import { show } from "./findings";

/**
 * Judges each statement of a document; a document that is missing or cannot be understood is refused.
 *
 * @returns false when a statement is not known yet, so that another than the judged ones may exist
 */
export function judgeDocument<Settings>(
    findings: Findings<Settings>,
    property: string,
    document: unknown,
    judge: (statement: Statement) => void,
): boolean {
    if (document === undefined || document === null) {
        findings.deviates(property, document, "an IAM policy document");
        return true;
    }
    let statements: (Statement | undefined)[];
    try {
        statements = statementReadersOf(document).map((read) => findings.part(read));
    } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        findings.refuse(`${property} cannot be read: ${error.message}; accepted: an IAM policy document.`);
        return true;
    }
    findings.each(statements, (statement) => {
        if (statement) judge(statement);
    });
    return !statements.includes(undefined);
}

/** Refuses statements that allow any principal, or a principal of an account that is not listed. */
export function refuseOutsiders(
    findings: Findings<{ accounts: readonly string[] }>,
    property: string,
    document: unknown,
): void {
    const { accounts } = findings.settings;
    const accepted = `principals of the accounts ${show(accounts)}, AWS services, or a condition on the account, organisation or source`;
    judgeDocument(findings, property, document, (statement) => {
        if (isPublic(statement)) {
            findings.refuse(`${property} ${statement.label} lets in everybody; accepted: ${accepted}.`);
        }
        for (const principal of foreignAccounts(statement, accounts)) {
            findings.refuse(`${property} ${statement.label} lets in ${show(principal)}; accepted: ${accepted}.`);
        }
    });
}
