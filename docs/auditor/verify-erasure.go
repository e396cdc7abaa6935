// Verifies the proof of an erasure with Go's own log library, and with nothing of Latchkey. All named keys (vkeys of
// C2SP, the log's first) must have signed: go run verify-erasure.go PROOF LOG-KEY [WITNESS-KEY …]
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	lines := strings.SplitN(string(data), "\n", 5)
	must(len(lines) == 5 && lines[0] == "latchkey-erasure-proof/1", "this is no proof of an erasure")
	// The receipt is signed by the key that it names, and the event names its digest.
	jws, digest := strings.Split(lines[1], "."), fmt.Sprintf("%x", sha256.Sum256([]byte(lines[1])))
	var key, header struct{ X, Y, Kid string }
	must(json.Unmarshal([]byte(lines[2]), &key) == nil && json.Unmarshal(decode(jws[0]), &header) == nil && len(jws) == 3, "malformed")
	thumb := sha256.Sum256([]byte(fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, key.X, key.Y)))
	must(header.Kid == base64.RawURLEncoding.EncodeToString(thumb[:]), "the receipt names another key")
	public := ecdsa.PublicKey{Curve: elliptic.P256(), X: number(decode(key.X)), Y: number(decode(key.Y))}
	signed, sig := sha256.Sum256([]byte(jws[0]+"."+jws[1])), decode(jws[2])
	must(len(sig) == 64 && ecdsa.Verify(&public, signed[:], number(sig[:32]), number(sig[32:])), "the receipt is not signed")
	var event struct{ Action, Detail string }
	var detail struct{ Receipt string }
	must(json.Unmarshal([]byte(lines[3]), &event) == nil && json.Unmarshal([]byte(event.Detail), &detail) == nil, "no event")
	must(event.Action == "user.erased" && detail.Receipt == digest, "the event names another receipt")
	// The keys have signed a log, and the log has the event.
	proof, checkpoint, _ := strings.Cut(lines[4], "\n\n")
	var known []note.Verifier
	for _, vkey := range os.Args[2:] {
		known = append(known, verifier(vkey))
	}
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(known...))
	must(err == nil && len(opened.Sigs) == len(known), "not all of these keys signed the checkpoint")
	head := strings.Split(opened.Text, "\n")
	var index, size int64
	fmt.Sscan(head[1], &size)
	fmt.Sscanf(strings.Split(proof, "\n")[1], "index %d", &index)
	var hashes tlog.RecordProof
	for _, text := range strings.Split(proof, "\n")[2:] {
		hashes = append(hashes, hash(text))
	}
	leaf := sha256.Sum256([]byte(lines[3]))
	err = tlog.CheckRecord(hashes, size, hash(head[2]), index, tlog.RecordHash(append([]byte{2}, leaf[:]...)))
	must(err == nil && head[0] == known[0].Name(), "the log does not have the event")
	fmt.Printf("OK: line %d of %d in %s, signed by %d keys:\n%s\n", index, size, head[0], len(known), decode(jws[1]))
}

// A witness signs the time and the checkpoint (c2sp.org/tlog-cosignature), which x/mod does not know.
type witness struct {
	note.Verifier
	key, hash []byte
}

func (w witness) KeyHash() uint32 { return binary.BigEndian.Uint32(w.hash) }

func (w witness) Verify(text, sig []byte) bool {
	signed := func() string { return fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text) }
	return len(sig) == 72 && ed25519.Verify(w.key, []byte(signed()), sig[8:])
}

func verifier(vkey string) note.Verifier {
	parts := append(strings.SplitN(vkey, "+", 3), "", "")
	key, _ := base64.StdEncoding.DecodeString(parts[2])
	must(len(key) == 33 && (key[0] == 1 || key[0] == 4), "malformed key")
	plain, err := note.NewEd25519VerifierKey(parts[0], key[1:])
	own, _ := note.NewVerifier(plain)
	must(err == nil && own != nil, "malformed key")
	if key[0] != 4 {
		return own
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	return witness{own, key[1:], sum[:4]}
}

func hash(text string) tlog.Hash {
	found, err := tlog.ParseHash(text)
	must(err == nil, "malformed hash")
	return found
}

func must(holds bool, reason string) {
	if !holds {
		log.Fatalln("FAILED:", reason)
	}
}

func number(data []byte) *big.Int { return new(big.Int).SetBytes(data) }

func decode(text string) []byte {
	data, _ := base64.RawURLEncoding.DecodeString(text)
	return data
}
