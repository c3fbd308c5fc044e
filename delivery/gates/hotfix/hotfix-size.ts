import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted, few } from "../../core/text";

/** A hotfix should change one file (specification, section 6, Risk Mitigation). */
export const hotfixSize = gate({
    id: "hotfix-size",
    section: "6, Hotfix Deployment: Risk Mitigation",
    title: "Hotfix size",
    level: "warning",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix"],
    limit: (limits) => `at most ${counted(limits.hotfixFiles, "changed file")} beside tests`,
    measure: (found, { limits }) => {
        const { changedFiles } = found.hotfix[0].predicate;
        const measured = `${counted(changedFiles.length, "changed file")}: ${few(changedFiles)}`;
        return { measured, problems: changedFiles.length > limits.hotfixFiles ? [measured] : [] };
    },
});
