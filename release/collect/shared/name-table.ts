/** Bytes of a block of names. Blocks are never copied. */
const blockBytes = 256 * 1024;

/** Maximum length of one name, in UTF-16 units, so that it fits into a block. */
export const maximumNameLength = 64 * 1024;

/**
 * Distinct names in groups, each with a number from 0 in the order in which they came. A report of 100 MB has a million
 * names: as strings in a Map they take longer than parsing, mostly to be moved by the garbage collector. Here they are
 * bytes, found by a hash table with open addressing; names with equal hashes are compared byte by byte.
 */
export class NameTable {
    private readonly groups: string[] = [];
    private readonly groupNumbers = new Map<string, number>();
    private group: string | undefined;
    private groupNumber = 0;

    private readonly blocks: Buffer[] = [];
    private block = Buffer.alloc(0);
    private used = 0;
    /** Where the name ends that was written last. */
    private end = 0;

    /** Of each name: its group, the block and the place in it, and its hash. */
    private fields = new Uint32Array(4 * 1024);
    /** Numbers of names, or -1; its length is a power of two, and at most half of it is in use. */
    private slots = new Int32Array(2048).fill(-1);
    private count = 0;
    /** So that names that collide cannot be prepared. */
    private readonly seed = Math.trunc(Math.random() * 2 ** 32);

    /** The number of a name in a group. */
    numberOf(group: string, name: string): number {
        if (group !== this.group) this.enter(group);
        // A UTF-16 unit has at most three bytes in UTF-8.
        if (this.used + name.length * 3 > this.block.length) this.addBlock();
        const start = this.used;
        const hash = this.write(name);
        const { end } = this;
        const mask = this.slots.length - 1;
        let slot = hash & mask;
        for (let known = this.slots[slot] ?? -1; known >= 0; known = this.slots[slot] ?? -1) {
            if (this.fields[known * 4 + 3] === hash && this.isEqual(known, start, end)) return known;
            slot = (slot + 1) & mask;
        }
        this.used = end;
        return this.add(slot, start, end, hash);
    }

    /** The group and the name with a number. */
    nameOf(number: number): readonly [group: string, name: string] {
        const { group, bytes } = this.entry(number);
        return [this.groups[group] ?? "", bytes.toString()];
    }

    private entry(number: number) {
        const [group = 0, place = 0, length = 0] = this.fields.subarray(number * 4, number * 4 + 3);
        const start = place % blockBytes;
        const block = this.blocks[Math.floor(place / blockBytes)] ?? this.block;
        return { group, bytes: block.subarray(start, start + length) };
    }

    private isEqual(number: number, start: number, end: number): boolean {
        const { group, bytes } = this.entry(number);
        return group === this.groupNumber && bytes.equals(this.block.subarray(start, end));
    }

    /** Names of one group mostly come one after the other. */
    private enter(group: string): void {
        let number = this.groupNumbers.get(group);
        if (number === undefined) {
            // A copy, because a part of a text keeps the whole text in memory.
            const copy = Buffer.from(group).toString();
            number = this.groups.push(copy) - 1;
            this.groupNumbers.set(copy, number);
        }
        this.group = this.groups[number];
        this.groupNumber = number;
    }

    private addBlock(): void {
        this.block = Buffer.allocUnsafeSlow(blockBytes);
        this.blocks.push(this.block);
        this.used = 0;
    }

    /**
     * Writes a name behind those that are kept, as UTF-8.
     *
     * @returns its hash: FNV-1a, with the low bits mixed for the slots
     */
    private write(name: string): number {
        const { block, used } = this;
        const { length } = name;
        let hash = this.seed ^ this.groupNumber;
        let all = 0;
        for (let at = 0; at < length; at++) {
            const code = name.charCodeAt(at);
            all |= code;
            block[used + at] = code;
            hash = Math.imul(hash ^ code, 0x01000193);
        }
        // A name in ASCII, as nearly all are, is the same in UTF-8; the hash of any other is of its UTF-16 units.
        this.end = used + (all < 0x80 ? length : block.write(name, used));
        return (hash ^ (hash >>> 15)) >>> 0;
    }

    private add(slot: number, start: number, end: number, hash: number): number {
        const number = this.count++;
        if (number * 4 === this.fields.length) {
            const fields = new Uint32Array(number * 8);
            fields.set(this.fields);
            this.fields = fields;
        }
        const place = (this.blocks.length - 1) * blockBytes + start;
        const at = number * 4;
        this.fields[at] = this.groupNumber;
        this.fields[at + 1] = place;
        this.fields[at + 2] = end - start;
        this.fields[at + 3] = hash;
        this.slots[slot] = number;
        if (this.count * 2 > this.slots.length) this.spread();
        return number;
    }

    /** Doubles the slots. */
    private spread(): void {
        const slots = new Int32Array(this.slots.length * 2).fill(-1);
        const mask = slots.length - 1;
        for (let number = 0; number < this.count; number++) {
            let slot = (this.fields[number * 4 + 3] ?? 0) & mask;
            while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
            slots[slot] = number;
        }
        this.slots = slots;
    }
}
