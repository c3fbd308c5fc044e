package backend

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relaypacs.dev/sandbox/application/faults"
	"relaypacs.dev/sandbox/application/service"
)

// The synthetic user of the specification's smoke test (section 4, stage 10).
const (
	testUser     = "testuser"
	testPassword = "testpass"
	issuer       = "relaypacs"
	lifetime     = 15 * time.Minute
)

type authentication struct {
	key   []byte
	fault faults.Login
}

type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

type token struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

func (a authentication) register(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/v1/auth/login", a.login)
	mux.Handle("POST /api/v1/auth/refresh", a.required(func(w http.ResponseWriter, _ *http.Request, user string) {
		a.issue(w, user)
	}))
	mux.Handle("GET /api/v1/auth/me", a.required(func(w http.ResponseWriter, _ *http.Request, user string) {
		service.JSON(w, http.StatusOK, map[string]string{"username": user})
	}))
}

func (a authentication) login(w http.ResponseWriter, r *http.Request) {
	switch a.fault {
	case faults.LoginReject:
		service.Fail(w, http.StatusUnauthorized, "wrong username or password")
		return
	case faults.LoginError:
		service.Fail(w, http.StatusInternalServerError, "injected by FAULT_LOGIN")
		return
	case faults.LoginEmpty:
		service.JSON(w, http.StatusOK, token{TokenType: "bearer"})
		return
	case faults.LoginWorks:
	}
	var given credentials
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&given); err != nil {
		service.Fail(w, http.StatusBadRequest, "the body must be JSON with username and password")
		return
	}
	user := subtle.ConstantTimeCompare([]byte(given.Username), []byte(testUser))
	password := subtle.ConstantTimeCompare([]byte(given.Password), []byte(testPassword))
	if user&password != 1 {
		service.Fail(w, http.StatusUnauthorized, "wrong username or password")
		return
	}
	a.issue(w, given.Username)
}

func (a authentication) issue(w http.ResponseWriter, user string) {
	now := time.Now()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer: issuer, Subject: user, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
	}).SignedString(a.key)
	if err != nil {
		service.Fail(w, http.StatusInternalServerError, "cannot sign a token")
		return
	}
	service.JSON(w, http.StatusOK, token{AccessToken: signed, TokenType: "bearer", ExpiresIn: int(lifetime.Seconds())})
}

func (a authentication) userOf(r *http.Request) (string, error) {
	bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		return "", errors.New("no bearer token")
	}
	parsed, err := jwt.ParseWithClaims(bearer, &jwt.RegisteredClaims{},
		func(*jwt.Token) (any, error) { return a.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired())
	if err != nil {
		return "", err
	}
	return parsed.Claims.GetSubject()
}

// required answers 401 unless the request carries a valid token.
func (a authentication) required(next func(http.ResponseWriter, *http.Request, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := a.userOf(r)
		if err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			service.Fail(w, http.StatusUnauthorized, "a valid bearer token is required")
			return
		}
		next(w, r, user)
	})
}
