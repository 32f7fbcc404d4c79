"""Addresses of 发放批次, below those of the room."""

from django.urls import path

from subsidies.batches.views import batch, lines, lists

urlpatterns = [
    path("batches/", lists.batches, name="batches"),
    path("batches/new/", lists.batch_new, name="batch_new"),
    path("batches/reconciled/", lists.reconciled, name="batches_reconciled"),
    path("batches/<key:pk>/", batch.batch, name="batch"),
    path("batches/<key:pk>/confirm/", batch.batch_confirm, name="batch_confirm"),
    path("batches/<key:pk>/void/", batch.batch_void, name="batch_void"),
    path("batches/<key:pk>/fund/", batch.batch_fund, name="batch_fund"),
    path("batches/<key:pk>/send/", batch.batch_send, name="batch_send"),
    path("batches/<key:pk>/file/", batch.batch_file, name="batch_file"),
    path("batches/<key:pk>/result/", batch.batch_result, name="batch_result"),
    path("batches/<key:pk>/papers/", batch.batch_papers, name="batch_papers"),
    path("batches/lines/<key:pk>/", lines.line, name="payment_line"),
    path("batches/lines/<key:pk>/out/", lines.line_out, name="payment_line_out"),
    path("batches/lines/<key:pk>/mark/", lines.line_mark, name="payment_line_mark"),
    path("batches/lines/<key:pk>/refund/", lines.line_refund, name="payment_line_refund"),
    path("batches/lines/<key:pk>/refund/confirm/", lines.refund_confirm, name="refund_confirm"),
    path("batches/lines/<key:pk>/refund/drop/", lines.refund_drop, name="refund_drop"),
]
