// History writes a block of Prometheus' database: `history FOLDER < series.json`. Standard input is a list of series, each
// with its labels and its samples, [[milliseconds since 1970, value], ...], oldest first. It prints the block's folder.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

type series struct {
	Labels  map[string]string `json:"labels"`
	Samples [][2]float64      `json:"samples"`
}

// span is longer than any history, which then is one block.
const span = 30 * 24 * time.Hour

func write(folder string, all []series) (string, error) {
	writer, err := tsdb.NewBlockWriter(slog.New(slog.NewTextHandler(io.Discard, nil)), folder, span.Milliseconds())
	if err != nil {
		return "", err
	}
	defer writer.Close()
	ctx := context.Background()
	appender := writer.Appender(ctx)
	for _, one := range all {
		set := labels.FromMap(one.Labels)
		for _, sample := range one.Samples {
			if _, err := appender.Append(0, set, int64(sample[0]), sample[1]); err != nil {
				return "", fmt.Errorf("%v at %v: %w", set, sample[0], err)
			}
		}
	}
	if err := appender.Commit(); err != nil {
		return "", err
	}
	id, err := writer.Flush(ctx)
	return filepath.Join(folder, id.String()), err
}

func main() {
	var all []series
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "history: give a folder")
		os.Exit(2)
	}
	err := json.NewDecoder(os.Stdin).Decode(&all)
	if err == nil {
		var block string
		if block, err = write(os.Args[1], all); err == nil {
			fmt.Println(block)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "history:", err)
	os.Exit(1)
}
