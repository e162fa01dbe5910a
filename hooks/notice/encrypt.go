package notice

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// The library that does this for Go pulls in a JWT library for one header and
// has no test vectors; with the standard library it is a page of code that is
// tested against those of RFC 8291.

const (
	saltSize = 16
	// maxRecord is the most that a push service has to take (RFC 8030, 7.2).
	maxRecord = 4096
	// blockSize hides how long a notice is: every one is padded to it.
	blockSize = 512
	// maxContent is what fits: header (16+4+1+65), tag (16), delimiter (1).
	maxContent = maxRecord - 103
)

var errKeys = errors.New("the keys of this device are not valid")

// device is whom a push is for.
type device struct {
	key  *ecdh.PublicKey
	auth []byte // 16 bytes
}

// readDevice reads the keys of a subscription (base64url, padded or not).
func readDevice(p256dh, auth string) (device, error) {
	point, err := decode64(p256dh)
	if err != nil {
		return device{}, errKeys
	}
	key, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return device{}, errKeys
	}
	secret, err := decode64(auth)
	if err != nil || len(secret) != saltSize {
		return device{}, errKeys
	}
	return device{key, secret}, nil
}

func decode64(s string) ([]byte, error) {
	for len(s) > 0 && s[len(s)-1] == '=' {
		s = s[:len(s)-1]
	}
	return base64.RawURLEncoding.DecodeString(s)
}

// encrypt seals content for a device as one record of aes128gcm.
func encrypt(to device, content []byte) ([]byte, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	padded := (len(content) + 1 + blockSize - 1) / blockSize * blockSize
	return seal(to, content, key, salt, min(padded, maxContent+1))
}

// seal is encrypt with what is random given; length is that of the content
// with its delimiter and padding.
func seal(to device, content []byte, key *ecdh.PrivateKey, salt []byte, length int) ([]byte, error) {
	if len(content) > maxContent || length <= len(content) {
		return nil, fmt.Errorf("a push of %d bytes is too long", len(content))
	}
	shared, err := key.ECDH(to.key)
	if err != nil {
		return nil, err
	}
	own := key.PublicKey().Bytes()
	// RFC 8291, 3.4
	info := "WebPush: info\x00" + string(to.key.Bytes()) + string(own)
	ikm, err := hkdf.Key(sha256.New, shared, to.auth, info, 32)
	if err != nil {
		return nil, err
	}
	// RFC 8188, 2.2 and 2.3
	cek, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, saltSize+5+len(own)+length+gcm.Overhead())
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, maxRecord)
	out = append(out, byte(len(own)))
	out = append(out, own...)
	plain := make([]byte, length)
	copy(plain, content)
	plain[len(content)] = 2 // the last record; zeroes behind it are padding
	return gcm.Seal(out, nonce, plain, nil), nil
}

// tokenFor is how long a signature is good; 24 hours is the most allowed.
const tokenFor = 12 * time.Hour

// vapid is the value of Authorization for an endpoint (RFC 8292).
func vapid(key *ecdsa.PrivateKey, endpoint, contact string, now time.Time) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"aud": u.Scheme + "://" + u.Host, "exp": now.Add(tokenFor).Unix(), "sub": contact}, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", err
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	public, err := publicKey(key)
	if err != nil {
		return "", err
	}
	return "vapid t=" + signed + "." + base64.RawURLEncoding.EncodeToString(sig) + ", k=" + public, nil
}

// publicKey is what a browser subscribes with: the uncompressed point.
func publicKey(key *ecdsa.PrivateKey) (string, error) {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(point), nil
}
