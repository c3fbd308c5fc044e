package backend

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"relaypacs.dev/sandbox/application/service"
)

const (
	maxChunks     = 1000
	maxChunkBytes = 1 << 20
)

// Upload is one announced upload. Content is never kept.
type Upload struct {
	ID       string `json:"upload_id"`
	Chunks   int    `json:"chunks"`
	Received int    `json:"received"`
	Bytes    int64  `json:"bytes"`
	Status   string `json:"status"` // "open" or "complete"
}

// Store keeps uploads. Absent uploads are ErrNotFound.
type Store interface {
	Create(ctx context.Context, id string, chunks int) error
	// Put records a chunk; the same chunk again changes nothing, which is how a client resumes.
	Put(ctx context.Context, id string, number int, size int, digest []byte) error
	// Complete marks the upload as complete when every chunk has come, else returns ErrIncomplete.
	Complete(ctx context.Context, id string) error
	Get(ctx context.Context, id string) (Upload, error)
}

var (
	ErrNotFound   = errors.New("no such upload")
	ErrIncomplete = errors.New("chunks are missing")
	ErrComplete   = errors.New("the upload is complete already")
	ErrConflict   = errors.New("this chunk came before with other content")
	ErrNumber     = errors.New("the upload has no chunk of that number")
)

type uploads struct {
	store Store
	log   *slog.Logger
}

type protect func(func(http.ResponseWriter, *http.Request, string)) http.Handler

func (u uploads) register(mux *http.ServeMux, required protect) {
	mux.Handle("POST /api/v1/uploads", required(u.create))
	mux.Handle("GET /api/v1/uploads/{id}", required(u.get))
	mux.Handle("PUT /api/v1/uploads/{id}/chunks/{number}", required(u.chunk))
	mux.Handle("POST /api/v1/uploads/{id}/complete", required(u.complete))
}

func (u uploads) create(w http.ResponseWriter, r *http.Request, _ string) {
	var wanted struct {
		Chunks int `json:"chunks"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&wanted)
	if err != nil || wanted.Chunks < 1 || wanted.Chunks > maxChunks {
		service.Fail(w, http.StatusBadRequest, "the body must be JSON with chunks from 1 to "+strconv.Itoa(maxChunks))
		return
	}
	id := rand.Text()
	if err := u.store.Create(r.Context(), id, wanted.Chunks); err != nil {
		internal(w, u.log, err)
		return
	}
	u.answer(w, r, http.StatusCreated, id)
}

func (u uploads) chunk(w http.ResponseWriter, r *http.Request, _ string) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		service.Fail(w, http.StatusNotFound, ErrNumber.Error())
		return
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxChunkBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		service.Fail(w, http.StatusRequestEntityTooLarge, "a chunk holds at most "+strconv.Itoa(maxChunkBytes)+" bytes")
		return
	case err != nil || len(content) == 0:
		service.Fail(w, http.StatusBadRequest, "the chunk is empty or was cut off")
		return
	}
	digest := sha256.Sum256(content)
	if err := u.store.Put(r.Context(), r.PathValue("id"), number, len(content), digest[:]); err != nil {
		u.refuse(w, err)
		return
	}
	u.answer(w, r, http.StatusOK, r.PathValue("id"))
}

func (u uploads) complete(w http.ResponseWriter, r *http.Request, _ string) {
	if err := u.store.Complete(r.Context(), r.PathValue("id")); err != nil {
		u.refuse(w, err)
		return
	}
	u.answer(w, r, http.StatusOK, r.PathValue("id"))
}

func (u uploads) get(w http.ResponseWriter, r *http.Request, _ string) {
	u.answer(w, r, http.StatusOK, r.PathValue("id"))
}

func (u uploads) answer(w http.ResponseWriter, r *http.Request, status int, id string) {
	upload, err := u.store.Get(r.Context(), id)
	if err != nil {
		u.refuse(w, err)
		return
	}
	service.JSON(w, status, upload)
}

func (u uploads) refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrNumber):
		service.Fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, ErrIncomplete), errors.Is(err, ErrConflict), errors.Is(err, ErrComplete):
		service.Fail(w, http.StatusConflict, err.Error())
	default:
		internal(w, u.log, err)
	}
}
