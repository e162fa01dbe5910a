// Package device is a browser that is called by web push, for tests: it has the
// keys of a subscription and opens what is sealed for them (RFC 8188, 8291).
package device

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"testing"
)

// Device holds the keys.
type Device struct {
	key  *ecdh.PrivateKey
	auth []byte
}

// New makes one.
func New(tb testing.TB) *Device {
	tb.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	d := &Device{key, make([]byte, 16)}
	_, _ = rand.Read(d.auth)
	return d
}

// Keys are what a browser gives away of them, as base64url.
func (d *Device) Keys() (p256dh, auth string) {
	return base64.RawURLEncoding.EncodeToString(d.key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(d.auth)
}

// Open returns what was sealed for the device.
func (d *Device) Open(body []byte) ([]byte, error) {
	if len(body) < 21+65+17 {
		return nil, errors.New("too short")
	}
	salt, size, idlen := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	if idlen != 65 || int(size) < len(body)-21-idlen {
		return nil, errors.New("not one record")
	}
	sender, err := ecdh.P256().NewPublicKey(body[21 : 21+idlen])
	if err != nil {
		return nil, err
	}
	shared, err := d.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	expand := func(secret, salt []byte, info string, n int) []byte {
		k, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			panic(err)
		}
		return k
	}
	ikm := expand(shared, d.auth, "WebPush: info\x00"+string(d.key.PublicKey().Bytes())+string(sender.Bytes()), 32)
	block, err := aes.NewCipher(expand(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, expand(ikm, salt, "Content-Encoding: nonce\x00", 12), body[21+idlen:], nil)
	if err != nil {
		return nil, err
	}
	end := len(plain) - 1
	for end >= 0 && plain[end] == 0 {
		end--
	}
	if end < 0 || plain[end] != 2 {
		return nil, errors.New("no delimiter of the last record")
	}
	return plain[:end], nil
}
