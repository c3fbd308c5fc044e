// kube-network-policies: judges the first packet of each connection from or to a pod by the cluster's NetworkPolicies.
//
// The upstream controller judges. Two things are different here. It leads packets to its queue with nftables' own
// expression for that, which kernels without CONFIG_NFT_QUEUE lack, and it doesn't see what pods send to the node, where
// the sandbox's API server is. So rules.go leads all packets of pods to the queue; where the kernel takes the upstream
// rules too, a packet is judged twice, alike.
package main

import (
	"context"
	"flag"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	klog.InitFlags(nil)
	kubeconfig := flag.String("kubeconfig", "", "file with the API server's address and credentials")
	node := flag.String("node", "", "name of the node whose pods are guarded")
	queue := flag.Int("queue", 100, "number of the kernel's packet queue, from 1 to 65535")
	pods := flag.String("pod-range", "", "addresses of the node's pods, IPv4, such as 10.244.0.0/24")
	flag.Parse()

	podRange, err := netip.ParsePrefix(*pods)
	if err != nil || !podRange.Addr().Is4() {
		klog.Exitf("-pod-range is %q; it must be an IPv4 range such as 10.244.0.0/24", *pods)
	}
	if *node == "" {
		klog.Exit("-node is missing; it must be the name of the node whose pods are guarded")
	}
	if *queue < 1 || *queue > 65535 {
		klog.Exitf("-queue is %d; it must be a number from 1 to 65535", *queue)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *node, podRange, uint16(*queue)); err != nil {
		klog.ErrorS(err, "Ended; new connections of pods are dropped")
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, node string, podRange netip.Prefix, queue uint16) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// First of all, and without any pod: until the controller judges, nothing passes.
	table, err := newTable(podRange, queue)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods()
	controller, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		pods,
		nil, nil, nil, nil,
		networkpolicy.Config{NodeName: node, QueueID: int(queue)},
	)
	if err != nil {
		return err
	}
	changed := watch(pods.Informer())
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go keepPods(ctx, table, pods.Lister(), changed)
	return controller.Run(ctx)
}

// keepPods keeps the table's set of pods as the API server has it.
func keepPods(ctx context.Context, table *table, pods podLister, changed <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		for err := table.setPods(addresses(pods)); err != nil; err = table.setPods(addresses(pods)) {
			klog.ErrorS(err, "Could not write the addresses of the pods; trying again")
			time.Sleep(100 * time.Millisecond)
		}
	}
}
