from django.urls import path

from jobs.views import exports, imports, tasks

app_name = "jobs"

urlpatterns = [
    path("jobs/", tasks.mine, name="mine"),
    path("jobs/<uuid:pk>/", tasks.job, name="job"),
    path("jobs/<uuid:pk>/progress/", tasks.progress, name="progress"),
    path("jobs/files/<uuid:pk>/", tasks.download, name="download"),
    path("exports/<slug:name>/", exports.export, name="export"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/templates/<slug:kind>.xlsx", imports.import_template, name="import_template"),
    path("imports/<uuid:pk>/", imports.batch, name="batch"),
    path("imports/<uuid:pk>/mapping/", imports.batch_mapping, name="batch_mapping"),
    path("imports/<uuid:pk>/rows/<slug:verdict>/", imports.batch_rows, name="batch_rows"),
    path("imports/<uuid:pk>/confirm/", imports.batch_confirm, name="batch_confirm"),
    path("imports/<uuid:pk>/undo/", imports.batch_undo, name="batch_undo"),
    path("imports/<uuid:pk>/marked/", imports.batch_marked, name="batch_marked"),
    path("imports/<uuid:pk>/review/", imports.batch_review, name="batch_review"),
]
