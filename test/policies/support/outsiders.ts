import { documentFor } from "../fixtures/aws";
import { accepts, inDocument, refuses, set, unknownAt } from "./cases";
import type { Case } from "./cases";

const accepted =
    'principals of the accounts ["123456789012"], AWS services, or a condition on the account, organisation or source.';

/** Cases of every policy that judges the principals of a policy document. */
export function outsiderCases(property: string): Case[] {
    const lets = (who: string, label = 'Statement[0] "Pipeline"') =>
        `${property} ${label} lets in ${who}; accepted: ${accepted}`;
    const to = (principal: unknown, more: object = {}) => set(property, documentFor(principal, more));
    const stranger = "arn:aws:iam::999999999999:role/stranger";
    return [
        refuses("any principal", to("*"), lets("everybody")),
        refuses("any AWS principal", to({ AWS: "*" }), lets("everybody")),
        refuses("any AWS principal in a list", to({ AWS: ["arn:aws:iam::123456789012:root", "*"] }), lets("everybody")),
        refuses("any principal but one", to(undefined, { NotPrincipal: { AWS: stranger } }), lets("everybody")),
        accepts(
            "any principal of one organisation",
            to("*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1234" } } }),
        ),
        refuses(
            "any principal of any organisation",
            to("*", { Condition: { StringLike: { "aws:PrincipalOrgID": "*" } } }),
            lets("everybody"),
        ),
        refuses(
            "any principal under a condition that does not narrow it",
            to("*", { Condition: { Bool: { "aws:SecureTransport": "true" } } }),
            lets("everybody"),
        ),
        refuses("an account that is not listed", to({ AWS: stranger }), lets(JSON.stringify(stranger))),
        refuses("an account by number", to({ AWS: "999999999999" }), lets('"999999999999"')),
        accepts("an account that is listed", to({ AWS: stranger }), { settings: { accounts: ["999999999999"] } }),
        accepts("an AWS service", to({ Service: "ecs-tasks.amazonaws.com" })),
        accepts("a denial of any principal", to("*", { Effect: "Deny" })),
        refuses(
            "one bad statement among good ones",
            inDocument(property, (document) => {
                const statements = document.Statement as object[];
                statements.push({ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" });
            }),
            lets("everybody", "Statement[1]"),
            { given: { [property]: documentFor({ Service: "ecs-tasks.amazonaws.com" }) } },
        ),
        refuses(
            "a document that is not valid JSON",
            set(property, "{"),
            `${property} cannot be read: it is not valid JSON; accepted: an IAM policy document.`,
        ),
        refuses(
            "a document without statements",
            set(property, "{}"),
            `${property} cannot be read: it has no Statement; accepted: an IAM policy document.`,
        ),
        refuses(
            "a principal of an impossible shape",
            to(7),
            `${property} cannot be read: Statement[0] "Pipeline".Principal is neither "*" nor an object; accepted: an IAM policy document.`,
        ),
        unknownAt(property),
    ];
}
