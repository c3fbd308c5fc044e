// kubecp: etcd, kube-apiserver, kube-controller-manager and kube-scheduler in
// one binary; which one runs is argv[0]'s name or, failing that, argv[1].
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	kcm "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	name := filepath.Base(os.Args[0])
	args := os.Args
	switch name {
	case "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler":
	default:
		if len(os.Args) < 2 {
			fmt.Fprintln(os.Stderr, "usage: kubecp etcd|kube-apiserver|kube-controller-manager|kube-scheduler [flags]")
			os.Exit(2)
		}
		name, args = os.Args[1], os.Args[1:]
		os.Args = args
	}
	var c *cobra.Command
	switch name {
	case "etcd":
		etcdmain.Main(args)
		return
	case "kube-apiserver":
		c = apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		c = kcm.NewControllerManagerCommand()
	case "kube-scheduler":
		c = scheduler.NewSchedulerCommand()
	default:
		fmt.Fprintln(os.Stderr, "kubecp: no such component:", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(c))
}
