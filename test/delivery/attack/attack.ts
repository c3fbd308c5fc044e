import type { EvidenceFile } from "../../../delivery/evidence/verify";
import { items, type ItemName, type ItemPredicate } from "../../../delivery/evidence/items";
import type { JudgementRequest } from "../../../delivery/gates";
import { release } from "../gates/support/contents";
import {
    evidence,
    expedite,
    gateNamed,
    judge,
    seal,
    signerOf,
    statementOf,
    type Spoiler,
    type Spoilers,
} from "../gates/support/world";

/** Somebody's attempt to bring a release past the gates, by evidence that lies or does not count. */
export interface Attack {
    readonly title: string;
    /** The evidence of a good release, changed in one place. */
    readonly spoilers: Spoilers;
    /** Evidence in addition. */
    readonly files: readonly EvidenceFile[];
    readonly request: Partial<JudgementRequest>;
    /** The gate that must refuse, or `admission` when no gate does, but the lack of an admission. */
    readonly refusedBy: string;
    /** The gate's whole message. */
    readonly sentence: string;
}

type More = Partial<Pick<Attack, "files" | "request">>;

/** An attack on a release to production. @param clause what the gate says between its title and what is accepted */
export function attack(title: string, spoilers: Spoilers, refusedBy: string, clause: string, more: More = {}): Attack {
    const gate = gateNamed(refusedBy);
    const sentence = `${gate.title}: ${clause} (accepted: ${gate.threshold}).`;
    return { title, spoilers, files: [], request: {}, refusedBy, sentence, ...more };
}

/** An attack in the name of a hotfix, whose approval is expedited. */
export function hotfixAttack(title: string, spoilers: Spoilers, refusedBy: string, clause: string): Attack {
    const all: Spoilers = { approval: { change: expedite }, soak: { missing: true }, ...spoilers };
    return attack(title, all, refusedBy, clause, { request: { release: { ...release, hotfix: true } } });
}

/** An attack with an item's predicate changed. */
export function lie<Item extends ItemName>(item: Item, change: (predicate: ItemPredicate<Item>) => unknown): Spoilers {
    return { [item]: { change } };
}

/** One more statement, beside the good ones. */
export function beside(item: ItemName, spoiler: Spoiler, source = "beside.json"): EvidenceFile {
    const services = items[item].scope === "each-image" ? ["backend"] : undefined;
    const envelope = seal(JSON.stringify(statementOf(item, spoiler, services)), spoiler.key ?? signerOf(item));
    spoiler.reseal?.(envelope);
    return { source, envelope };
}

/** Whether the release is refused, by the gate and in the words that the attack names. */
export function isRefused({ files, refusedBy, request, sentence, spoilers }: Attack): boolean {
    const { outcomes, remark, status } = judge([...evidence(spoilers), ...files], request);
    if (status !== "fail") return false;
    if (refusedBy === "admission") return remark === sentence;
    return outcomes.some((one) => one.id === refusedBy && one.status === "fail" && one.message === sentence);
}
