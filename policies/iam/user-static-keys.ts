import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";

export const iamUserStaticKeys = resourcePolicy({
    name: "iam-user-static-keys",
    description: "There are no IAM users, and no access keys, which never expire.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...securityHub("IAM.3", "IAM users' access keys should be rotated every 90 days or less"),
    remediationSteps: "Let workflows take a role by OIDC, and people by IAM Identity Center.",
    types: [
        "aws:iam/user:User",
        "aws:iam/accessKey:AccessKey",
        "aws:iam/userLoginProfile:UserLoginProfile",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "aws:iam/signingCertificate:SigningCertificate",
        "aws:iam/sshKey:SshKey",
    ],
    judge: (_given, findings, { type }) => {
        findings.refuse(`${type} makes a static identity; accepted: roles, taken by OIDC.`);
    },
});
