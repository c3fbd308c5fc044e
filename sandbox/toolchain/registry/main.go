// Command registry serves container images under an account's ECR host name: blobs from a folder, manifests and tags
// from ECR's own API. Its variables are those of the AWS SDK: AWS_REGION, credentials, HTTPS_PROXY, AWS_CA_BUNDLE.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	address := flag.String("address", "", "`host:port` to listen on")
	certificate := flag.String("certificate", "", "PEM `file` with the certificate")
	key := flag.String("key", "", "PEM `file` with the certificate's key")
	folder := flag.String("folder", "", "`folder` of the blobs; its file bytes-per-second slows them down")
	awaited := flag.String("awaited", "", "comma-separated `repositories` that take images before ECR has them")
	flag.Parse()
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	if err := serve(*address, *certificate, *key, *folder, strings.Split(*awaited, ",")); err != nil {
		log.Fatal(err)
	}
}

func serve(address, certificate, key, folder string, awaited []string) error {
	blobs := filepath.Join(folder, "blobs")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	account, err := newAccount(ctx)
	if err != nil {
		return err
	}
	store := registry.NewDiskBlobHandler(blobs)
	images := newImages(account, store.(registry.BlobStatHandler), awaited)
	protocol := registry.New(registry.WithBlobHandler(store), registry.Logger(log.New(io.Discard, "", 0)))
	slow := throttled(filepath.Join(folder, "bytes-per-second"), freeingMemory(protocol))
	// An upload keeps the library's lock while it is read. Over HTTP/2, the uploads of a connection share its window, and one
	// that waits for the lock would keep the bytes from the one that holds it.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	server := &http.Server{
		Protocols:         protocols,
		Addr:              address,
		Handler:           logged(account.authenticated(images.handler(slow))),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.Default(),
	}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	log.Printf("serving %s on %s", folder, address)
	if err := server.ListenAndServeTLS(certificate, key); err != http.ErrServerClosed {
		return err
	}
	return nil
}
