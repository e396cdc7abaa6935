package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Entry: a byte, and the SHA-256 of a line.
const entryBytes = 33

const tileHeight = 8

// A tree holds the hashes of all complete subtrees, computed from the entries alone. tlog.TileHashReader is not
// used: before version 0.40.0 it accepts some changed tiles (CVE-2026-56865).
type tree struct {
	entries [][]byte
	hashes  []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = t.hashes[index]
	}
	return hashes, nil
}

func (t *tree) add(entry []byte) {
	hashes, err := tlog.StoredHashes(int64(len(t.entries)), entry, t)
	must(err == nil, "%v", err)
	t.entries = append(t.entries, entry)
	t.hashes = append(t.hashes, hashes...)
}

func (t *tree) size() int64 { return int64(len(t.entries)) }

func (t *tree) root(size int64) tlog.Hash {
	must(size >= 1 && size <= t.size(), "there is no tree of %d leaves", size)
	root, err := tlog.TreeHash(size, t)
	must(err == nil, "%v", err)
	return root
}

func (t *tree) leaf(index int64) tlog.Hash { return t.hashes[tlog.StoredHashIndex(0, index)] }

// bundle is what C2SP tlog-tiles writes of these entries.
func bundle(entries [][]byte) []byte {
	var data []byte
	for _, entry := range entries {
		data = binary.BigEndian.AppendUint16(data, uint16(len(entry)))
		data = append(data, entry...)
	}
	return data
}

// checkTiles compares every file in the folder with what the entries give. Each tile and bundle of the tree must be
// there, and no other. With isEdge, also those that are not full.
func (t *tree) checkTiles(dir string, isEdge bool) int {
	expected := map[string][]byte{}
	for _, tile := range tlog.NewTiles(tileHeight, 0, t.size()) {
		// Those of earlier sizes are listed as well.
		isWidest := int64(tile.W) == t.size()>>(tileHeight*tile.L)-tile.N<<tileHeight
		if tile.W < 1<<tileHeight && !isWidest {
			continue
		}
		data, err := tlog.ReadTileData(tile, t)
		must(err == nil, "%v", err)
		// x/mod puts the height before the level.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		expected[path] = data
		if tile.L == 0 {
			first := tile.N << tileHeight
			path = strings.Replace(path, "tile/0/", "tile/entries/", 1)
			expected[path] = bundle(t.entries[first : first+int64(tile.W)])
		}
	}
	compared := 0
	for path, data := range expected {
		if strings.Contains(path, ".p/") && !isEdge {
			continue
		}
		found, err := os.ReadFile(filepath.Join(dir, path))
		must(err == nil, "missing: %s", path)
		must(bytes.Equal(found, data), "other bytes: %s", path)
		compared++
	}
	filepath.Walk(filepath.Join(dir, "tile"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return nil
		}
		name, _ := filepath.Rel(dir, path)
		_, isExpected := expected[filepath.ToSlash(name)]
		must(isExpected, "no part of the tree: %s", name)
		return nil
	})
	return compared
}

// A claim is one line of the file of proofs.
type claim struct {
	// Size of the tree, and position of a leaf or size of an earlier tree.
	Size int64
	Leaf *int64
	Old  *int64
	// Base64.
	Proof []tlog.Hash
}

func (t *tree) checkProofs(path string) int {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return 0
	}
	must(err == nil, "%v", err)
	defer file.Close()
	roots := map[int64]tlog.Hash{}
	root := func(size int64) tlog.Hash {
		if _, isKnown := roots[size]; !isKnown {
			roots[size] = t.root(size)
		}
		return roots[size]
	}
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		var one claim
		must(json.Unmarshal(lines.Bytes(), &one) == nil, "malformed: %s", lines.Text())
		if one.Leaf != nil {
			err = tlog.CheckRecord(one.Proof, one.Size, root(one.Size), *one.Leaf, t.leaf(*one.Leaf))
			own, _ := tlog.ProveRecord(one.Size, *one.Leaf, t)
			must(err == nil && same(own, one.Proof), "leaf %d of %d: %v", *one.Leaf, one.Size, err)
		} else {
			err = tlog.CheckTree(one.Proof, one.Size, root(one.Size), *one.Old, root(*one.Old))
			own, _ := tlog.ProveTree(one.Size, *one.Old, t)
			must(err == nil && same(own, one.Proof), "size %d of %d: %v", *one.Old, one.Size, err)
		}
	}
	return count
}

func same(one, other []tlog.Hash) bool {
	if len(one) != len(other) {
		return false
	}
	for i := range one {
		if one[i] != other[i] {
			return false
		}
	}
	return true
}

// checkPairs proves every checkpoint consistent with every other.
func (t *tree) checkPairs(sizes map[int64]tlog.Hash) int {
	count := 0
	for size, root := range sizes {
		must(root == t.root(size), "the checkpoint of %d leaves has another root", size)
		for old, oldRoot := range sizes {
			if old >= size {
				continue
			}
			proof, err := tlog.ProveTree(size, old, t)
			must(err == nil && tlog.CheckTree(proof, size, root, old, oldRoot) == nil, "%d does not continue %d", size, old)
			count++
		}
	}
	return count
}

func readEntries(path string) *tree {
	data := readFile(path)
	must(len(data)%entryBytes == 0, "%s: not of whole entries", path)
	grown := &tree{}
	for from := 0; from < len(data); from += entryBytes {
		grown.add(data[from : from+entryBytes])
	}
	return grown
}

func judgeTree(dir string) {
	grown := readEntries(filepath.Join(dir, "entries"))
	tiles := grown.checkTiles(dir, true)
	heads := readHeads(filepath.Join(dir, "notes.json"))
	if _, hasNote := heads[grown.size()]; grown.size() > 0 {
		must(hasNote, "no checkpoint of all %d leaves", grown.size())
	}
	pairs := grown.checkPairs(heads)
	proofs := grown.checkProofs(filepath.Join(dir, "proofs"))
	fmt.Printf("%d leaves, %d tiles and bundles, %d checkpoints, %d pairs, %d proofs\n",
		grown.size(), tiles, len(heads), pairs, proofs)
}
