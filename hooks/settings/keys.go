package settings

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// KeyFile is the name of the key file in the data folder: 32 random bytes.
const KeyFile = "shohay.key"

// Purposes of the keys derived from the key file. Each purpose has a key of
// its own, so that a code made for one thing means nothing elsewhere.
const (
	PurposeSeal     = "seal"
	PurposeVisitor  = "visitor token"
	PurposeIdentity = "signed identity"
	PurposeThread   = "mail thread token"
	PurposeFile     = "file link"
	PurposeForm     = "form"
	PurposePush     = "web push"
	PurposeRecovery = "recovery code"
	PurposeBrowser  = "browser of an agent"
	PurposeRequests = "requests of a customer"
	PurposeReplica  = "replica"
	PurposeOnce     = "link that works once"
)

// Keys derives and uses the secrets of one installation.
type Keys struct{ master []byte }

// OpenKeys reads the key file of the data folder, or makes one where there is
// none. A key file of a wrong length is refused: replacing it silently would
// make every sealed password unreadable.
func OpenKeys(dataDir string) (*Keys, error) {
	name := filepath.Join(dataDir, KeyFile)
	raw, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		raw = make([]byte, 32)
		if _, err := rand.Read(raw); err != nil {
			return nil, err
		}
		return &Keys{raw}, writeSync(name, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if len(raw) != 32 {
		return nil, fmt.Errorf("the key file %s is damaged: it has %d bytes instead of 32; put back the one from a backup", name, len(raw))
	}
	// A copy by hand may have opened it to others. Windows has no such modes.
	if info, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(name, 0o600); err != nil {
			return nil, fmt.Errorf("the key file %s can be read by others, and that cannot be changed: %w", name, err)
		}
	}
	return &Keys{raw}, nil
}

// writeSync makes the file appear whole or not at all, even across a power cut.
func writeSync(name string, data []byte) error {
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

func (k *Keys) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.master, nil, "shohay/"+purpose, 32)
	if err != nil {
		panic(err) // only for lengths out of range
	}
	return key
}

// MAC returns HMAC-SHA256 over the parts as unpadded URL-safe base64. The
// parts are length-prefixed, so moving a boundary changes the code.
func (k *Keys) MAC(purpose string, parts ...string) string {
	mac := hmac.New(sha256.New, k.derive(purpose))
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		mac.Write(n[:])
		mac.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check compares a code with the parts in constant time.
func (k *Keys) Check(code, purpose string, parts ...string) bool {
	return hmac.Equal([]byte(code), []byte(k.MAC(purpose, parts...)))
}

// IdentityKey is the secret that the shop's own site signs its customers'
// ids with, as hex: hash = hex(HMAC-SHA256(key, id)). It is given to owners.
func (k *Keys) IdentityKey() string { return fmt.Sprintf("%x", k.derive(PurposeIdentity)) }

// CheckIdentity verifies a hash made with [Keys.IdentityKey].
func (k *Keys) CheckIdentity(id, hash string) bool {
	mac := hmac.New(sha256.New, []byte(k.IdentityKey()))
	mac.Write([]byte(id))
	return hmac.Equal([]byte(strings.ToLower(hash)), fmt.Appendf(nil, "%x", mac.Sum(nil)))
}

// PushKey is the P-256 key that this installation signs its web pushes with
// (VAPID, RFC 8292). It comes from the key file, so that devices that were
// subscribed once stay so after a restore of the folder.
func (k *Keys) PushKey() *ecdsa.PrivateKey {
	for n := 0; ; n++ { // one in 2^32 numbers is none of the curve
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.derive(fmt.Sprintf("%s %d", PurposePush, n)))
		if err == nil {
			return key
		}
	}
}

const sealed = "v1."

// Seal encrypts a secret with AES-256-GCM for storing in the database.
func (k *Keys) Seal(secret []byte) string {
	gcm := k.gcm()
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return sealed + base64.RawStdEncoding.EncodeToString(gcm.Seal(nonce, nonce, secret, nil))
}

// Open decrypts what Seal made with the same key file.
func (k *Keys) Open(s string) ([]byte, error) {
	rest, ok := strings.CutPrefix(s, sealed)
	raw, err := base64.RawStdEncoding.DecodeString(rest)
	gcm := k.gcm()
	if !ok || err != nil || len(raw) < gcm.NonceSize() {
		return nil, errors.New("not a sealed secret")
	}
	secret, err := gcm.Open(nil, raw[:gcm.NonceSize()], raw[gcm.NonceSize():], nil)
	if err != nil {
		return nil, errors.New("the secret was sealed with another key file")
	}
	return secret, nil
}

func (k *Keys) gcm() cipher.AEAD {
	block, err := aes.NewCipher(k.derive(PurposeSeal))
	if err != nil {
		panic(err) // only for key lengths out of range
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}
