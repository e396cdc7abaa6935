// Judge checks logs with golang.org/x/mod, which knows nothing of this project.
//
//	judge tree DIR      a log: entries, tiles, checkpoints and proofs
//	judge notes FILE    signed notes, and which of them must be refused
//	judge archive DIR   an archive: segments, tiles and a checkpoint
//
// It prints what it checked. What does not hold ends it with status 1.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: judge tree|notes|archive PATH")
		os.Exit(2)
	}
	defer func() {
		if found := recover(); found != nil {
			fmt.Fprintln(os.Stderr, "FAILED:", found)
			os.Exit(1)
		}
	}()
	switch path := os.Args[2]; os.Args[1] {
	case "tree":
		judgeTree(path)
	case "notes":
		judgeNotes(path)
	case "archive":
		judgeArchive(path)
	default:
		panic("unknown kind " + os.Args[1])
	}
}

// must ends the program with what is wrong.
func must(holds bool, format string, values ...interface{}) {
	if !holds {
		panic(fmt.Sprintf(format, values...))
	}
}

func readFile(path string) []byte {
	data, err := os.ReadFile(path)
	must(err == nil, "%v", err)
	return data
}

func readJSON(path string, into interface{}) {
	err := json.Unmarshal(readFile(path), into)
	must(err == nil, "%s: %v", path, err)
}
