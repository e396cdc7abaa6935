package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A witness verifies cosignatures (https://c2sp.org/tlog-cosignature), which x/mod does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

const cosignature = 4

// verifier reads the public form of a key, of a log or of a witness.
func verifier(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	must(len(parts) == 3, "malformed key %s", vkey)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err == nil && len(key) == 33, "malformed key %s", vkey)
	if key[0] != cosignature {
		own, err := note.NewVerifier(vkey)
		must(err == nil, "%s: %v", vkey, err)
		return own
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	must(fmt.Sprintf("%08x", hash) == parts[1], "the key %s has another hash", vkey)
	return witness{parts[0], hash, key[1:]}
}

// A signed note, and who must have signed it.
type signed struct {
	Note string
	Keys []string
	// Signatures of these keys that must hold. Zero: the note must be refused.
	Holds int
}

// open verifies a note by the keys. All of them must have signed.
func open(text string, keys []string) (*note.Note, error) {
	var known []note.Verifier
	for _, key := range keys {
		known = append(known, verifier(key))
	}
	return note.Open([]byte(text), note.VerifierList(known...))
}

// parseHead reads the body of a checkpoint (https://c2sp.org/tlog-checkpoint).
func parseHead(text string) (origin string, size int64, root tlog.Hash) {
	lines := strings.Split(text, "\n")
	must(len(lines) >= 4, "not a checkpoint: %q", text)
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err == nil && strconv.FormatInt(size, 10) == lines[1], "not a size: %q", lines[1])
	root, err = tlog.ParseHash(lines[2])
	must(err == nil, "not a root: %q", lines[2])
	return lines[0], size, root
}

// readHeads verifies all notes of a file. Two of one size must have one root.
func readHeads(path string) map[int64]tlog.Hash {
	var all []signed
	readJSON(path, &all)
	heads := map[int64]tlog.Hash{}
	for _, one := range all {
		opened, err := open(one.Note, one.Keys)
		must(err == nil, "%v: %q", err, one.Note)
		must(len(opened.Sigs) == one.Holds, "%d signatures hold, not %d: %q", len(opened.Sigs), one.Holds, one.Note)
		_, size, root := parseHead(opened.Text)
		other, isKnown := heads[size]
		must(!isKnown || other == root, "two roots of %d leaves", size)
		heads[size] = root
	}
	return heads
}

func judgeNotes(path string) {
	var all []signed
	readJSON(path, &all)
	refused := 0
	for i, one := range all {
		opened, err := open(one.Note, one.Keys)
		if one.Holds == 0 {
			must(err != nil, "note %d was changed, and is accepted: %q", i, one.Note)
			refused++
			continue
		}
		must(err == nil && len(opened.Sigs) == one.Holds, "note %d: %v %q", i, err, one.Note)
	}
	fmt.Printf("%d notes accepted, %d refused\n", len(all)-refused, refused)
}
