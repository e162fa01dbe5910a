package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/outward"
)

// Endpoints are a provider's addresses.
type Endpoints struct {
	Device string `json:"device"` // "" where mail is not given to those who type a code: Google
	Auth   string `json:"auth"`   // the page that sends the owner back with a code
	Token  string `json:"token"`
	Scope  string `json:"scope"`
}

// Providers that are known by name.
var Providers = map[string]Endpoints{
	"google": {
		Auth:  "https://accounts.google.com/o/oauth2/v2/auth",
		Token: "https://oauth2.googleapis.com/token",
		Scope: "https://mail.google.com/",
	},
	"microsoft": {
		Device: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
		Auth:   "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
		Token:  "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		Scope:  "offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
	},
}

// Or fills what is empty from another set of endpoints.
func (e Endpoints) Or(usual Endpoints) Endpoints {
	if e.Device == "" {
		e.Device = usual.Device
	}
	if e.Auth == "" {
		e.Auth = usual.Auth
	}
	if e.Token == "" {
		e.Token = usual.Token
	}
	if e.Scope == "" {
		e.Scope = usual.Scope
	}
	return e
}

// Client is the shop's registration at a provider.
type Client struct {
	ID     string
	Secret string // "" for a public client
	Endpoints
	HTTP *http.Client // nil is one with a time limit of 20 s
}

// Tokens are what a provider gave.
type Tokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	Expires time.Time `json:"expires"`
}

// early is how long before its end an access token is renewed: a connection
// that is just being made must not meet a token that ends.
const early = 5 * time.Minute

// Fresh tells whether the access token can still be used.
func (t Tokens) Fresh(now time.Time) bool { return t.Access != "" && now.Add(early).Before(t.Expires) }

// Device is what the owner has to do.
type Device struct {
	Code     string        // for Poll; secret
	UserCode string        // to be typed
	URL      string        // where
	Expires  time.Time     // until when
	Interval time.Duration // between two polls
}

// Error is a provider's refusal.
type Error struct {
	Code string // of RFC 6749 or 8628, such as invalid_grant
	Text string
}

func (e *Error) Error() string {
	if e.Text == "" {
		return e.Code
	}
	return e.Code + ": " + e.Text
}

// ErrPending says that the owner has not finished yet.
var ErrPending = errors.New("not finished at the provider yet")

// answer holds what any of the endpoints may say.
type answer struct {
	AccessToken     string  `json:"access_token"`
	RefreshToken    string  `json:"refresh_token"`
	ExpiresIn       seconds `json:"expires_in"`
	DeviceCode      string  `json:"device_code"`
	UserCode        string  `json:"user_code"`
	VerificationURI string  `json:"verification_uri"`
	VerificationURL string  `json:"verification_url"` // Google's name for it
	Interval        seconds `json:"interval"`
	Error           string  `json:"error"`
	Description     string  `json:"error_description"`
}

// seconds come as a number, and from some providers as a text.
type seconds int

func (s *seconds) UnmarshalJSON(raw []byte) error {
	var n float64
	if err := json.Unmarshal([]byte(strings.Trim(string(raw), `"`)), &n); err != nil || n < 0 || n > 1e8 {
		return errors.New("not a number of seconds")
	}
	*s = seconds(n)
	return nil
}

func (s seconds) duration() time.Duration { return time.Duration(s) * time.Second }

const maxAnswer = 256 << 10

// post sends a form and reads the answer.
func (c Client) post(ctx context.Context, to string, form url.Values) (answer, error) {
	var a answer
	form.Set("client_id", c.ID)
	if c.Secret != "" {
		form.Set("client_secret", c.Secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	client := c.HTTP
	if client == nil {
		client = outward.Network.Client(20 * time.Second)
	}
	res, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("the provider answered %d with something that is no JSON", res.StatusCode)
	}
	if a.Error != "" {
		text, _, _ := strings.Cut(a.Description, "\n") // Microsoft adds a trace below
		return a, &Error{Code: a.Error, Text: strings.TrimSpace(text)}
	}
	if res.StatusCode != http.StatusOK {
		return a, fmt.Errorf("the provider answered %d", res.StatusCode)
	}
	return a, nil
}

// Begin asks for a code that the owner types at the provider's page.
func (c Client) Begin(ctx context.Context) (Device, error) {
	a, err := c.post(ctx, c.Device, url.Values{"scope": {c.Scope}})
	if err != nil {
		return Device{}, err
	}
	d := Device{Code: a.DeviceCode, UserCode: a.UserCode, URL: a.VerificationURI, Expires: time.Now().Add(a.ExpiresIn.duration()), Interval: a.Interval.duration()}
	if d.URL == "" {
		d.URL = a.VerificationURL
	}
	if d.Interval <= 0 {
		d.Interval = 5 * time.Second
	}
	if d.Code == "" || d.UserCode == "" || !strings.HasPrefix(d.URL, "http") {
		return Device{}, errors.New("the provider gave no code")
	}
	return d, nil
}

// Poll asks whether the owner has finished; ErrPending says not yet.
func (c Client) Poll(ctx context.Context, code string) (Tokens, error) {
	a, err := c.post(ctx, c.Token, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {code}})
	var refused *Error
	if errors.As(err, &refused) && (refused.Code == "authorization_pending" || refused.Code == "slow_down") {
		return Tokens{}, ErrPending
	}
	if err != nil {
		return Tokens{}, err
	}
	return a.tokens("")
}

// Link is the provider's page where the owner agrees (RFC 6749 section 4.1
// with RFC 7636): it sends them back to redirect with the state and a code for
// [Client.Exchange]. Google gives a token that lasts only when it asks anew.
func (c Client) Link(redirect, state, verifier, account string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.ID}, "redirect_uri": {redirect}, "scope": {c.Scope}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
		"access_type": {"offline"}, "prompt": {"consent"},
	}
	if account != "" {
		q.Set("login_hint", account)
	}
	return c.Auth + "?" + q.Encode()
}

// Exchange takes the code that the owner came back with.
func (c Client) Exchange(ctx context.Context, code, redirect, verifier string) (Tokens, error) {
	a, err := c.post(ctx, c.Token, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}})
	if err != nil {
		return Tokens{}, err
	}
	if a.RefreshToken == "" {
		return Tokens{}, errors.New("the provider gave no token that lasts")
	}
	return a.tokens("")
}

// Refresh exchanges the refresh token for a new access token. The tokens that
// it returns replace the old ones whole.
func (c Client) Refresh(ctx context.Context, old Tokens) (Tokens, error) {
	a, err := c.post(ctx, c.Token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh}, "scope": {c.Scope}})
	if err != nil {
		return old, err
	}
	return a.tokens(old.Refresh)
}

func (a answer) tokens(refresh string) (Tokens, error) {
	if a.AccessToken == "" {
		return Tokens{}, errors.New("the provider gave no token")
	}
	t := Tokens{Access: a.AccessToken, Refresh: a.RefreshToken, Expires: time.Now().Add(a.ExpiresIn.duration())}
	if t.Refresh == "" {
		t.Refresh = refresh
	}
	if a.ExpiresIn == 0 {
		t.Expires = time.Now().Add(time.Hour)
	}
	return t, nil
}
