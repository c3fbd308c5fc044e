package main

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
)

// Places in IPv4's header.
const (
	sourceOffset      = 12
	destinationOffset = 16
)

// table is the kernel's table that leads new connections to the queue. It outlives this process: without a reader of the
// queue the kernel drops the packets.
type table struct {
	pods *nftables.Set
}

// newTable replaces the table by one without pods. An address of the pod range that belongs to no pod yet is cut off: until
// the API server knows a new pod's address, no policy would apply to it.
func newTable(podRange netip.Prefix, queue uint16) (*table, error) {
	kernel, err := nftables.New()
	if err != nil {
		return nil, err
	}
	own := &nftables.Table{Name: "network-policies", Family: nftables.TableFamilyIPv4}
	kernel.AddTable(own)
	kernel.DelTable(own)
	kernel.AddTable(own)
	pods := &nftables.Set{Table: own, Name: "pods", KeyType: nftables.TypeIPAddr}
	if err := kernel.AddSet(pods, nil); err != nil {
		return nil, err
	}
	// Every packet from a pod, and every one to it that doesn't come from the node itself, passes here, after kube-proxy
	// has replaced a Service's address by a pod's or the API server's. The node's own processes reach pods, as
	// Kubernetes demands.
	chain := kernel.AddChain(&nftables.Chain{
		Name:     "prerouting",
		Table:    own,
		Type:     nftables.ChainTypeFilter,
		Hooknum:  nftables.ChainHookPrerouting,
		Priority: nftables.ChainPriorityRef(*nftables.ChainPriorityNATDest + 5),
	})
	add := func(parts ...[]expr.Any) {
		kernel.AddRule(&nftables.Rule{Table: own, Chain: chain, Exprs: slices.Concat(parts...)})
	}
	add(known(), []expr.Any{&expr.Verdict{Kind: expr.VerdictAccept}})
	for _, offset := range []uint32{sourceOffset, destinationOffset} {
		add(within(podRange, offset), in(pods, offset, true), []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}})
	}
	for _, offset := range []uint32{sourceOffset, destinationOffset} {
		add(in(pods, offset, false), []expr.Any{toQueue(queue)})
	}
	return &table{pods: pods}, kernel.Flush()
}

// setPods replaces the addresses of the pods at once.
func (t *table) setPods(addresses []netip.Addr) error {
	kernel, err := nftables.New()
	if err != nil {
		return err
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	var elements []nftables.SetElement
	for _, address := range slices.Compact(addresses) {
		elements = append(elements, nftables.SetElement{Key: address.AsSlice()})
	}
	kernel.FlushSet(t.pods)
	if err := kernel.SetAddElements(t.pods, elements); err != nil {
		return err
	}
	return kernel.Flush()
}

// known is "ct state established,related": answers, and packets after the first.
func known() []expr.Any {
	states := binaryutil.NativeEndian.PutUint32(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED)
	none := make([]byte, 4)
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: states, Xor: none},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: none},
	}
}

func address(offset uint32) expr.Any {
	return &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4}
}

// within is "ip saddr" or "ip daddr", by the offset, in a range.
func within(addresses netip.Prefix, offset uint32) []expr.Any {
	mask := binary.BigEndian.AppendUint32(nil, ^uint32(0)<<(32-addresses.Bits()))
	return []expr.Any{
		address(offset),
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: addresses.Masked().Addr().AsSlice()},
	}
}

// in is "ip saddr" or "ip daddr", by the offset, in a set or not.
func in(set *nftables.Set, offset uint32, not bool) []expr.Any {
	return []expr.Any{
		address(offset),
		&expr.Lookup{SourceRegister: 1, SetName: set.Name, SetID: set.ID, Invert: not},
	}
}

// toQueue is iptables' target NFQUEUE, which kernels have that lack nftables' own expression. Its settings are the
// kernel's struct xt_NFQ_info, padded to eight bytes.
func toQueue(queue uint16) expr.Any {
	settings := xt.Unknown(append(binaryutil.NativeEndian.PutUint16(queue), make([]byte, 6)...))
	return &expr.Target{Name: "NFQUEUE", Info: &settings}
}
