import type { PolicyComplianceFramework } from "@pulumi/policy";

/** The control that a policy enforces, in the form that a policy's metadata takes. */
export interface Standard {
    readonly framework: PolicyComplianceFramework;
    /** Where the control is published; our own specification is published nowhere. */
    readonly url?: string;
    readonly tags: string[];
}

function standard(name: string, version: string, reference: string, specification: string, url: string, tag: string) {
    return { framework: { name, version, reference, specification }, url, tags: [tag] } satisfies Standard;
}

/** AWS Foundational Security Best Practices, by control id (`ECR.2`) and the control's title. */
export function securityHub(control: string, title: string): Standard {
    const [service = "", number = ""] = control.toLowerCase().split(".");
    return standard(
        "AWS Foundational Security Best Practices",
        "1.0.0",
        control,
        title,
        `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html#${service}-${number}`,
        "aws-fsbp",
    );
}

/** CIS Kubernetes Benchmark, section 5 (policies), by recommendation number. */
export function cisKubernetes(recommendation: string, title: string): Standard {
    const url = "https://www.cisecurity.org/benchmark/kubernetes";
    return standard("CIS Kubernetes Benchmark", "1.10.0", recommendation, title, url, "cis-kubernetes");
}

/** Kubernetes Pod Security Standards, profile `restricted` (which includes `baseline`), by control name. */
export function podSecurity(control: string): Standard {
    return standard(
        "Kubernetes Pod Security Standards",
        "v1.36",
        `restricted: ${control}`,
        "The restricted profile follows current pod hardening practice and includes the baseline profile",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        "pod-security-standards",
    );
}

/** NSA and CISA Kubernetes Hardening Guide, by section. */
export function kubernetesHardening(section: string, title: string): Standard {
    const url =
        "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF";
    return standard("NSA/CISA Kubernetes Hardening Guide", "1.2", section, title, url, "kubernetes-hardening");
}

/** OpenSSF Scorecard, by check. */
export function scorecard(check: string, title: string): Standard {
    const url = `https://github.com/ossf/scorecard/blob/main/docs/checks.md#${check.toLowerCase()}`;
    return standard("OpenSSF Scorecard", "5", check, title, url, "openssf-scorecard");
}

/** NIST SP 800-53 revision 5, by control. */
export function nist(control: string, title: string): Standard {
    const url = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final";
    return standard("NIST SP 800-53", "5", control, title, url, "nist-800-53");
}

/** HIPAA Security Rule, by paragraph of 45 CFR part 164. */
export function hipaa(paragraph: string, title: string): Standard {
    const url = `https://www.ecfr.gov/current/title-45/section-${paragraph.replace(/\(.*/, "")}`;
    return standard("HIPAA Security Rule (45 CFR 164)", "2013", paragraph, title, url, "hipaa");
}

/** RelayPACS's own CI/CD specification, for promises that no outside standard makes. */
export function specification(section: string, title: string): Standard {
    const framework = { name: "RelayPACS CI/CD pipeline", version: "1.0", reference: section, specification: title };
    return { framework, tags: ["relaypacs"] };
}
