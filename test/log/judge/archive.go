package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// An auditor brings the key of the segments, the keys of the checkpoint, and the checkpoint.
type auditor struct {
	// The public key of the segments: a JWK.
	Segments struct{ X, Y string }
	signed
}

// A header is the first line of a segment, as far as it is checked.
type header struct {
	Sequence int
	Previous string
	First    int64
	Count    int
}

func judgeArchive(dir string) {
	var by auditor
	readJSON(filepath.Join(dir, "auditor.json"), &by)
	grown, segments := readSegments(filepath.Join(dir, "audit"), by)
	tiles := grown.checkTiles(filepath.Join(dir, "log"), false)
	opened, err := open(by.Note, by.Keys)
	must(err == nil && len(opened.Sigs) == by.Holds, "the checkpoint: %v", err)
	_, size, root := parseHead(opened.Text)
	must(size <= grown.size(), "the checkpoint has %d leaves, and the archive %d", size, grown.size())
	must(root == grown.root(size), "the checkpoint of %d leaves has another root", size)
	fmt.Printf("%d segments, %d leaves, %d tiles and bundles, a checkpoint of %d\n", segments, grown.size(), tiles, size)
}

func readSegments(dir string, by auditor) (*tree, int) {
	found, err := os.ReadDir(dir)
	must(err == nil, "%v", err)
	var names []string
	for _, one := range found {
		names = append(names, one.Name())
	}
	sort.Strings(names)
	grown := &tree{}
	previous := strings.Repeat("0", 64)
	for i, name := range names {
		data := readFile(filepath.Join(dir, name))
		lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		must(len(lines) >= 3, "%s is no segment", name)
		last := len(lines) - 1
		sum := sha256.Sum256(data[:len(data)-len(lines[last])-1])
		hash := hex.EncodeToString(sum[:])
		var own header
		must(json.Unmarshal(lines[0], &own) == nil, "%s: its header", name)
		must(own.Sequence == i+1, "%s is segment %d, not %d", name, own.Sequence, i+1)
		must(own.Previous == previous, "%s does not continue segment %d", name, i)
		must(own.First == grown.size() && own.Count == last-1, "%s: counts", name)
		checkHead(lines[last], by, own, hash)
		for _, line := range lines[1:last] {
			digest := sha256.Sum256(line)
			grown.add(append([]byte{2}, digest[:]...))
		}
		previous = hash
	}
	return grown, len(names)
}

// checkHead verifies the signature of a segment: a JWS with ES256.
func checkHead(line []byte, by auditor, own header, hash string) {
	var proof struct{ Checkpoint string }
	must(json.Unmarshal(line, &proof) == nil, "segment %d: its last line", own.Sequence)
	must(string(line) == fmt.Sprintf(`{"checkpoint":"%s"}`, proof.Checkpoint), "segment %d: its last line", own.Sequence)
	parts := strings.Split(proof.Checkpoint, ".")
	must(len(parts) == 3, "segment %d: no JWS", own.Sequence)
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature := bytesOf(parts[2])
	must(len(signature) == 64, "segment %d: the length of its signature", own.Sequence)
	key := ecdsa.PublicKey{Curve: elliptic.P256(), X: number(bytesOf(by.Segments.X)), Y: number(bytesOf(by.Segments.Y))}
	holds := ecdsa.Verify(&key, digest[:], number(signature[:32]), number(signature[32:]))
	must(holds, "segment %d: its signature", own.Sequence)
	var head struct {
		Sequence   int
		Hash       string
		EventCount int64 `json:"event_count"`
	}
	must(json.Unmarshal(bytesOf(parts[1]), &head) == nil, "segment %d: its checkpoint", own.Sequence)
	isOwn := head.Sequence == own.Sequence && head.Hash == hash && head.EventCount == own.First+int64(own.Count)
	must(isOwn, "segment %d: its checkpoint is about other bytes", own.Sequence)
}

func number(data []byte) *big.Int { return new(big.Int).SetBytes(data) }

func bytesOf(text string) []byte {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	must(err == nil, "%v", err)
	return data
}
