// Command frontend serves the web page.
package main

import (
	"fmt"
	"os"

	"relaypacs.dev/sandbox/application/frontend"
)

func main() {
	if err := frontend.Run(os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "frontend:", err)
		os.Exit(1)
	}
}
