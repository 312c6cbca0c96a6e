FUNCTION z_kontor_documents.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(IV_MAX) TYPE  I
*"  EXPORTING
*"     VALUE(EV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(EV_MORE) TYPE  CHAR1
*"     VALUE(EV_SNAPSHOT) TYPE  CHAR1
*"     VALUE(EV_TOTAL) TYPE  I
*"     VALUE(EV_BEGUN_AT) TYPE  ZKONTOR_STAMP
*"     VALUE(ET_DOCUMENT) TYPE  ZKONTOR_T_DOCUMENT
*"     VALUE(ET_DOCUMENT_TEXT) TYPE  ZKONTOR_T_DOCUMENT_TEXT
*"     VALUE(ET_DOCUMENT_LINK) TYPE  ZKONTOR_T_DOCUMENT_LINK
*"     VALUE(ET_CERTIFICATE) TYPE  ZKONTOR_T_CERTIFICATE
*"     VALUE(ET_CERTIFICATE_LINK) TYPE  ZKONTOR_T_DOCUMENT_LINK
*"     VALUE(ET_DELETED) TYPE  ZKONTOR_T_DOCUMENT_DEL
*"     VALUE(ET_CERTIFICATE_DEL) TYPE  ZKONTOR_T_CERTIFICATE_DEL
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Document info records of the types in setting DOCUMENT, each version with
* its first original; certificates, which are few, with each run's last page.
  DATA: ls_token TYPE ty_token,
        lt_key   TYPE ty_draw_keys,
        ls_key   TYPE ty_draw_key,
        lv_last  TYPE ty_token-key,
        lv_max   TYPE i,
        lv_error TYPE c LENGTH 1.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  PERFORM papers_keys USING ls_token lv_max CHANGING lt_key ev_more lv_last ev_total.
  LOOP AT lt_key INTO ls_key.
    PERFORM paper_read USING ls_key ls_token-snapshot
      CHANGING et_document et_document_text et_document_link et_deleted.
  ENDLOOP.
  IF ev_more IS INITIAL.
    PERFORM certificates_read USING ls_token-snapshot
      CHANGING et_certificate et_certificate_link et_certificate_del.
  ENDIF.
  ev_snapshot = ls_token-snapshot.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
ENDFUNCTION.
