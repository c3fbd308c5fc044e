package main

import (
	"net/netip"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

type podLister interface {
	List(selector labels.Selector) ([]*v1.Pod, error)
}

// watch reports changes of pods, several at once as one. The informer's store has them by then, and the controller judges
// by the same store.
func watch(informer cache.SharedIndexInformer) <-chan struct{} {
	changed := make(chan struct{}, 1)
	report := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	report()
	// It fails only on an informer that has been stopped.
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { report() },
		UpdateFunc: func(any, any) { report() },
		DeleteFunc: func(any) { report() },
	})
	return changed
}

// addresses returns the IPv4 addresses of the pods with a network of their own. An ended pod has given its address back.
func addresses(pods podLister) []netip.Addr {
	// The error is for selectors that can't be parsed.
	all, _ := pods.List(labels.Everything())
	var found []netip.Addr
	for _, pod := range all {
		if pod.Spec.HostNetwork || pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed {
			continue
		}
		for _, one := range pod.Status.PodIPs {
			if address, err := netip.ParseAddr(one.IP); err == nil && address.Is4() {
				found = append(found, address)
			}
		}
	}
	return found
}
