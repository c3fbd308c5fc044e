import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted, few } from "../../core/text";

/** A hotfix adds a test of what it fixes (specification, section 6, Risk Mitigation). */
export const hotfixTest = gate({
    id: "hotfix-test",
    section: "6, Hotfix Deployment: Risk Mitigation",
    title: "Hotfix test",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix"],
    limit: () => "at least one added test",
    measure: (found) => {
        const { addedTests } = found.hotfix[0].predicate;
        if (addedTests.length === 0) return { measured: "no added test", problems: ["no added test"] };
        return { measured: `${counted(addedTests.length, "added test")}: ${few(addedTests)}`, problems: [] };
    },
});
