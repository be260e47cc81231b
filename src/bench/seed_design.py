"""The design that Sluice replaces, as its authors describe it: a whole zip is built in memory, then streamed.

Run by Debian's uvicorn; BENCH_JOBS is the directory of the jobs. Who asks is what a header says.
"""

import os
import pathlib
import zipfile
from io import BytesIO

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import FileResponse, StreamingResponse

JOBS = pathlib.Path(os.environ["BENCH_JOBS"])
OWNERS = {directory.name: "bench" for directory in JOBS.iterdir()}

app = FastAPI()


def owned(job_id, user):
    if OWNERS.get(job_id) != user:
        raise HTTPException(status_code=404, detail="Job not found")
    return JOBS / job_id


def streamed(paths, root, filename):
    zip_buffer = BytesIO()
    with zipfile.ZipFile(zip_buffer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for file_path in paths:
            if file_path.is_file():
                zip_file.write(file_path, file_path.relative_to(root))
    zip_buffer.seek(0)
    return StreamingResponse(
        zip_buffer,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


@app.get("/api/training/jobs/{job_id}")
async def job(job_id: str, x_user_id: str = Header()):
    owned(job_id, x_user_id)
    return {"job_id": job_id, "owner": x_user_id, "status": "completed", "config": {"note": "x" * 900}}


@app.get("/api/training/{job_id}/download/model")
async def download_model(job_id: str, x_user_id: str = Header()):
    model = owned(job_id, x_user_id) / "model"
    return streamed(model.rglob("*"), model, f"model_{job_id}.zip")


@app.get("/api/training/{job_id}/download/logs")
async def download_logs(job_id: str, x_user_id: str = Header()):
    directory = owned(job_id, x_user_id)
    return streamed([directory / "training.log", directory / "progress.json"], directory, f"logs_{job_id}.zip")


@app.get("/ml/download-model/{job_id}/{name}")
async def download_file(job_id: str, name: str, x_user_id: str = Header()):
    return FileResponse(owned(job_id, x_user_id) / "model" / name, filename=name)
