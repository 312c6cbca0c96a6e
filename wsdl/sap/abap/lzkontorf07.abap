*----------------------------------------------------------------------*
* Function group ZKONTOR, documents and certificates (include LZKONTORF07).
*----------------------------------------------------------------------*

* The document info records of one page, in order of their keys, behind the
* token's key. All keys of the types are looked at each time: some ten
* thousand rows without their texts and originals.
FORM papers_keys USING is_token TYPE ty_token
                       iv_max TYPE i
                 CHANGING ct_key TYPE ty_draw_keys
                          cv_more TYPE c
                          cv_last TYPE ty_token-key
                          cv_total TYPE i.
  DATA: lt_all   TYPE ty_draw_keys,
        ls_key   TYPE ty_draw_key,
        lt_type  TYPE ty_dokar_range,
        lv_count TYPE i.
  CLEAR: ct_key, cv_more, cv_last.
  cv_total = -1.
  PERFORM papers_types CHANGING lt_type.
  IF lt_type IS INITIAL.                          " no type is set: there is nothing to tell
    IF is_token-snapshot = 'X'.
      cv_total = 0.
    ENDIF.
    RETURN.
  ENDIF.
  IF is_token-snapshot = 'X'.
    SELECT dokar doknr dokvr doktl FROM draw INTO TABLE lt_all
      WHERE dokar IN lt_type AND loedk = space.
    LOOP AT lt_all INTO ls_key.                   " what is not released or has no original is not told
      PERFORM paper_lives USING ls_key CHANGING ls_key-lives.
      IF ls_key-lives IS INITIAL.
        DELETE lt_all.
      ENDIF.
    ENDLOOP.
    DESCRIBE TABLE lt_all LINES cv_total.
  ELSE.
    PERFORM papers_changes USING is_token-since lt_type CHANGING lt_all.
  ENDIF.
  SORT lt_all BY dokar doknr dokvr doktl.
  DELETE ADJACENT DUPLICATES FROM lt_all COMPARING dokar doknr dokvr doktl.
  LOOP AT lt_all INTO ls_key.
    PERFORM paper_token_key USING ls_key CHANGING ls_key-text.
    CHECK ls_key-text > is_token-key.
    IF lv_count >= iv_max.
      cv_more = 'X'.
      EXIT.
    ENDIF.
    lv_count = lv_count + 1.
    cv_last  = ls_key-text.
    APPEND ls_key TO ct_key.
  ENDLOOP.
ENDFORM.

* Fixed positions, so that the text sorts as the key does.
FORM paper_token_key USING is_key TYPE ty_draw_key CHANGING cv_text TYPE ty_token-key.
  CLEAR cv_text.
  cv_text(3)      = is_key-dokar.
  cv_text+3(25)   = is_key-doknr.
  cv_text+28(2)   = is_key-dokvr.
  cv_text+30(3)   = is_key-doktl.
ENDFORM.

FORM papers_types CHANGING ct_type TYPE ty_dokar_range.
  DATA: lt_conf TYPE STANDARD TABLE OF zkontor_conf,
        ls_conf TYPE zkontor_conf,
        ls_type TYPE LINE OF ty_dokar_range.
  CLEAR ct_type.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'DOCUMENT' ORDER BY PRIMARY KEY.
  ls_type-sign   = 'I'.
  ls_type-option = 'EQ'.
  LOOP AT lt_conf INTO ls_conf.
    ls_type-low = ls_conf-value(3).
    APPEND ls_type TO ct_type.
  ENDLOOP.
ENDFORM.

* Change documents DRAW (their object id begins with type, number, version and
* part), originals checked in since, and what people changed in our own tables.
FORM papers_changes USING iv_since TYPE timestamp
                          it_type TYPE ty_dokar_range
                    CHANGING ct_key TYPE ty_draw_keys.
  DATA: ls_since    TYPE ty_local,
        lt_objectid TYPE ty_objectid_tab,
        lv_objectid TYPE cdhdr-objectid,
        lt_draw     TYPE ty_draw_keys,
        ls_key      TYPE ty_draw_key,
        lt_loio     TYPE STANDARD TABLE OF dms_ph_cd1-loio_id,
        lv_loio     TYPE dms_ph_cd1-loio_id,
        lt_day      TYPE STANDARD TABLE OF zkontor_docday,
        ls_day      TYPE zkontor_docday,
        lt_link     TYPE STANDARD TABLE OF zkontor_doclink,
        ls_link     TYPE zkontor_doclink.
  PERFORM local_time USING iv_since CHANGING ls_since.
  PERFORM changed_objects USING 'DRAW' ls_since CHANGING lt_objectid.
  LOOP AT lt_objectid INTO lv_objectid.
    CLEAR ls_key.
    ls_key-dokar = lv_objectid(3).
    ls_key-doknr = lv_objectid+3(25).
    ls_key-dokvr = lv_objectid+28(2).
    ls_key-doktl = lv_objectid+30(3).
    APPEND ls_key TO ct_key.
  ENDLOOP.
  SELECT dokar doknr dokvr doktl FROM draw INTO TABLE lt_draw
    WHERE dokar IN it_type AND adatum >= ls_since-datum.
  APPEND LINES OF lt_draw TO ct_key.
  SELECT DISTINCT loio_id FROM dms_ph_cd1 INTO TABLE lt_loio WHERE chng_time >= iv_since.
  LOOP AT lt_loio INTO lv_loio.
    CLEAR lt_draw.
    SELECT dokar doknr dokvr doktl FROM dms_doc2loio INTO TABLE lt_draw WHERE lo_objid = lv_loio.
    APPEND LINES OF lt_draw TO ct_key.
  ENDLOOP.
  SELECT * FROM zkontor_docday INTO TABLE lt_day WHERE changed_on >= ls_since-datum.
  LOOP AT lt_day INTO ls_day.
    CLEAR ls_key.
    MOVE-CORRESPONDING ls_day TO ls_key.
    APPEND ls_key TO ct_key.
  ENDLOOP.
  SELECT * FROM zkontor_doclink INTO TABLE lt_link WHERE changed_on >= ls_since-datum.
  LOOP AT lt_link INTO ls_link.                   " it holds for all versions
    CLEAR lt_draw.
    SELECT dokar doknr dokvr doktl FROM draw INTO TABLE lt_draw
      WHERE dokar = ls_link-dokar AND doknr = ls_link-doknr AND doktl = ls_link-doktl.
    APPEND LINES OF lt_draw TO ct_key.
  ENDLOOP.
  DELETE ct_key WHERE NOT dokar IN it_type.
ENDFORM.

* Released, not flagged, with an original: only then customers may see it.
FORM paper_lives USING is_key TYPE ty_draw_key CHANGING cv_lives TYPE c.
  DATA: ls_draw  TYPE draw,
        lt_conf  TYPE STANDARD TABLE OF zkontor_conf,
        lv_loio  TYPE dms_doc2loio-lo_objid.
  CLEAR cv_lives.
  SELECT SINGLE * FROM draw INTO ls_draw
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl AND loedk = space.
  CHECK sy-subrc = 0.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'DOCUMENT_STATUS'.
  IF sy-subrc = 0.                                " none is set: every status counts
    READ TABLE lt_conf TRANSPORTING NO FIELDS WITH KEY value = ls_draw-dokst.
    CHECK sy-subrc = 0.
  ENDIF.
  SELECT SINGLE lo_objid FROM dms_doc2loio INTO lv_loio
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl.
  IF sy-subrc = 0.
    cv_lives = 'X'.
  ENDIF.
ENDFORM.

FORM paper_id USING is_key TYPE ty_draw_key CHANGING cv_id TYPE clike.
  DATA lv_number TYPE draw-doknr.
  PERFORM alpha_out USING is_key-doknr CHANGING lv_number.
  CONCATENATE is_key-dokar '/' lv_number '/' is_key-doktl INTO cv_id.
ENDFORM.

FORM paper_read USING is_key TYPE ty_draw_key
                      iv_snapshot TYPE c
                CHANGING ct_document TYPE zkontor_t_document
                         ct_text TYPE zkontor_t_document_text
                         ct_link TYPE zkontor_t_document_link
                         ct_deleted TYPE zkontor_t_document_del.
  DATA: ls_out   TYPE zkontor_s_document,
        ls_gone  TYPE zkontor_s_document_del,
        lv_lives TYPE c LENGTH 1,
        lv_found TYPE c LENGTH 1,
        lv_entry TYPE n LENGTH 8,
        lv_name  TYPE zkontor_conf-name,
        lv_kind  TYPE zkontor_conf-value.
  PERFORM paper_id USING is_key CHANGING ls_out-id.
  ls_out-version = is_key-dokvr.
  PERFORM now_text CHANGING ls_out-changed_at.
  PERFORM paper_lives USING is_key CHANGING lv_lives.
  IF lv_lives = 'X'.
    PERFORM paper_original USING is_key CHANGING ls_out lv_found.
  ENDIF.
  IF lv_found IS INITIAL.
    IF iv_snapshot IS INITIAL.
      ls_gone-id         = ls_out-id.
      ls_gone-version    = ls_out-version.
      ls_gone-changed_at = ls_out-changed_at.
      APPEND ls_gone TO ct_deleted.
    ENDIF.
    RETURN.
  ENDIF.
  lv_entry = lines( ct_document ) + 1.
  ls_out-entry = lv_entry.
  CONCATENATE 'DOCUMENT_' is_key-dokar INTO lv_name.
  PERFORM setting USING lv_name CHANGING lv_kind.
  IF lv_kind IS INITIAL.
    lv_kind = is_key-dokar.
  ENDIF.
  ls_out-type = lv_kind.
  PERFORM paper_days USING is_key CHANGING ls_out.
  APPEND ls_out TO ct_document.
  PERFORM paper_texts USING is_key ls_out-entry CHANGING ct_text.
  PERFORM paper_links USING is_key ls_out-entry CHANGING ct_link.
ENDFORM.

* The first original that is checked in. A reference names the physical object
* and when it was last changed, so another content has another reference.
FORM paper_original USING is_key TYPE ty_draw_key
                    CHANGING cs_out TYPE zkontor_s_document
                             cv_found TYPE c.
  DATA: ls_return TYPE bapiret2,
        lt_file   TYPE STANDARD TABLE OF bapi_doc_files2,
        ls_file   TYPE bapi_doc_files2,
        lv_time   TYPE dms_ph_cd1-chng_time,
        lv_stamp  TYPE n LENGTH 14,
        lv_name   TYPE string.
  CLEAR cv_found.
  CALL FUNCTION 'BAPI_DOCUMENT_GETDETAIL2'
    EXPORTING
      documenttype       = is_key-dokar
      documentnumber     = is_key-doknr
      documentpart       = is_key-doktl
      documentversion    = is_key-dokvr
      getactivefiles     = 'X'
    IMPORTING
      return             = ls_return
    TABLES
      documentfiles      = lt_file.
  CHECK ls_return-type <> 'E' AND ls_return-type <> 'A'.
  LOOP AT lt_file INTO ls_file WHERE checkedin = 'X'.
    cv_found = 'X'.
    EXIT.
  ENDLOOP.
  CHECK cv_found = 'X'.
  SELECT SINGLE chng_time FROM dms_ph_cd1 INTO lv_time WHERE phio_id = ls_file-file_id.
  lv_stamp = lv_time.
  CONCATENATE is_key-dokar is_key-doknr is_key-dokvr is_key-doktl ls_file-application_id
              ls_file-file_id lv_stamp INTO cs_out-reference SEPARATED BY '|'.
  lv_name = ls_file-docfile.
  PERFORM file_name CHANGING lv_name.
  cs_out-file_name = lv_name.
  SELECT SINGLE mimetype FROM tdwp INTO cs_out-media_type WHERE dappl = ls_file-wsapplication.
  PERFORM langu_out USING ls_file-language CHANGING cs_out-langu.
ENDFORM.

* What stands behind the last separator of a path.
FORM file_name CHANGING cv_name TYPE string.
  DATA lt_part TYPE STANDARD TABLE OF string.
  REPLACE ALL OCCURRENCES OF '\' IN cv_name WITH '/'.
  SPLIT cv_name AT '/' INTO TABLE lt_part.
  LOOP AT lt_part INTO cv_name.
  ENDLOOP.
ENDFORM.

* From the change number, unless people say otherwise in ZKONTOR_DOCDAY. What
* it replaces is the version before it, unless they name another one.
FORM paper_days USING is_key TYPE ty_draw_key CHANGING cs_out TYPE zkontor_s_document.
  DATA: ls_day   TYPE zkontor_docday,
        lv_aennr TYPE draw-aennr,
        lv_dokvr TYPE draw-dokvr.
  SELECT SINGLE aennr FROM draw INTO lv_aennr
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl.
  IF lv_aennr IS NOT INITIAL.
    SELECT SINGLE datuv FROM aenr INTO cs_out-valid_from WHERE aennr = lv_aennr.
  ENDIF.
  SELECT MAX( dokvr ) FROM draw INTO lv_dokvr
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND doktl = is_key-doktl
      AND dokvr < is_key-dokvr AND loedk = space.
  cs_out-supersedes = lv_dokvr.
  SELECT SINGLE * FROM zkontor_docday INTO ls_day
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl.
  CHECK sy-subrc = 0.
  IF ls_day-valid_from IS NOT INITIAL.
    cs_out-valid_from = ls_day-valid_from.
  ENDIF.
  cs_out-valid_to = ls_day-valid_to.
  IF ls_day-supersedes IS NOT INITIAL.
    cs_out-supersedes = ls_day-supersedes.
  ENDIF.
ENDFORM.

FORM paper_texts USING is_key TYPE ty_draw_key
                       iv_entry TYPE clike
                 CHANGING ct_text TYPE zkontor_t_document_text.
  DATA: lt_drat TYPE STANDARD TABLE OF drat,
        ls_drat TYPE drat,
        ls_out  TYPE zkontor_s_document_text.
  SELECT * FROM drat INTO TABLE lt_drat
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl.
  LOOP AT lt_drat INTO ls_drat.
    ls_out-entry = iv_entry.
    PERFORM langu_out USING ls_drat-langu CHANGING ls_out-langu.
    ls_out-name = ls_drat-dktxt.
    APPEND ls_out TO ct_text.
  ENDLOOP.
ENDFORM.

* Materials by object links; product groups and countries by ZKONTOR_DOCLINK.
FORM paper_links USING is_key TYPE ty_draw_key
                       iv_entry TYPE clike
                 CHANGING ct_link TYPE zkontor_t_document_link.
  DATA: lt_drad  TYPE STANDARD TABLE OF drad,
        ls_drad  TYPE drad,
        lt_own   TYPE STANDARD TABLE OF zkontor_doclink,
        ls_own   TYPE zkontor_doclink,
        lv_matnr TYPE matnr,
        ls_out   TYPE zkontor_s_document_link.
  ls_out-entry = iv_entry.
  SELECT * FROM drad INTO TABLE lt_drad
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND dokvr = is_key-dokvr
      AND doktl = is_key-doktl AND dokob = 'MARA'.
  LOOP AT lt_drad INTO ls_drad.
    lv_matnr    = ls_drad-objky.
    ls_out-kind = 'M'.
    PERFORM matnr_out USING lv_matnr CHANGING ls_out-id.
    APPEND ls_out TO ct_link.
  ENDLOOP.
  SELECT * FROM zkontor_doclink INTO TABLE lt_own
    WHERE dokar = is_key-dokar AND doknr = is_key-doknr AND doktl = is_key-doktl.
  LOOP AT lt_own INTO ls_own.
    ls_out-kind = ls_own-kind.
    ls_out-id   = ls_own-id.
    APPEND ls_out TO ct_link.
  ENDLOOP.
ENDFORM.

* Certificates are kept by people in ZKONTOR_CERT and ZKONTOR_CERTLINK (SM30).
FORM certificates_read USING iv_snapshot TYPE c
                       CHANGING ct_certificate TYPE zkontor_t_certificate
                                ct_link TYPE zkontor_t_document_link
                                ct_deleted TYPE zkontor_t_certificate_del.
  DATA: lt_cert TYPE STANDARD TABLE OF zkontor_cert,
        ls_cert TYPE zkontor_cert,
        lt_own  TYPE STANDARD TABLE OF zkontor_certlink,
        ls_own  TYPE zkontor_certlink,
        lv_row  TYPE n LENGTH 8,
        ls_out  TYPE zkontor_s_certificate,
        ls_link TYPE zkontor_s_document_link,
        ls_gone TYPE zkontor_s_certificate_del.
  SELECT * FROM zkontor_cert INTO TABLE lt_cert.
  LOOP AT lt_cert INTO ls_cert.
    CLEAR: ls_out, ls_gone.
    MOVE-CORRESPONDING ls_cert TO ls_out.
    ls_out-number   = ls_cert-certno.
    ls_out-document = ls_cert-docid.
    PERFORM now_text CHANGING ls_out-changed_at.
    IF ls_cert-deleted = 'X'.
      IF iv_snapshot IS INITIAL.
        MOVE-CORRESPONDING ls_out TO ls_gone.
        APPEND ls_gone TO ct_deleted.
      ENDIF.
      CONTINUE.
    ENDIF.
    lv_row = sy-tabix.
    ls_out-entry = lv_row.
    IF ls_cert-revoked_on IS NOT INITIAL.         " counts from the begin of that day, UTC
      CONCATENATE ls_cert-revoked_on '000000.0000000' INTO ls_out-revoked_at.
    ENDIF.
    APPEND ls_out TO ct_certificate.
    CLEAR lt_own.
    SELECT * FROM zkontor_certlink INTO TABLE lt_own
      WHERE scheme = ls_cert-scheme AND certno = ls_cert-certno.
    LOOP AT lt_own INTO ls_own.
      ls_link-entry = ls_out-entry.
      ls_link-kind  = ls_own-kind.
      ls_link-id    = ls_own-id.
      APPEND ls_link TO ct_link.
    ENDLOOP.
  ENDLOOP.
ENDFORM.

* All of an original, through KPro. 028: it is not there, or is another one by
* now; Kontor then asks anew with the next change.
FORM original_read USING iv_reference TYPE clike
                   CHANGING cv_content TYPE xstring
                            ct_return TYPE zkontor_t_return.
  DATA: ls_key     TYPE ty_draw_key,
        ls_draw    TYPE draw,
        ls_now     TYPE zkontor_s_document,
        lv_found   TYPE c LENGTH 1,
        lv_appl    TYPE bapi_doc_files2-application_id,
        lv_phio    TYPE bapi_doc_files2-file_id,
        lv_rest    TYPE string,
        ls_phio    TYPE dms_phio,
        lt_content TYPE STANDARD TABLE OF drao,
        ls_content TYPE drao,
        lv_left    TYPE i,
        lv_part    TYPE i,
        lv_text    TYPE string.
  CLEAR cv_content.
  lv_text = |There is no content { iv_reference }|.
  SPLIT iv_reference AT '|' INTO ls_key-dokar ls_key-doknr ls_key-dokvr ls_key-doktl lv_appl lv_phio
                                 lv_rest.
  PERFORM paper_original USING ls_key CHANGING ls_now lv_found.
  IF lv_found IS INITIAL OR ls_now-reference <> iv_reference.
    PERFORM message USING 'E' '028' lv_text 0 'IV_REFERENCE' space CHANGING ct_return.
    RETURN.
  ENDIF.
  SELECT SINGLE * FROM draw INTO ls_draw
    WHERE dokar = ls_key-dokar AND doknr = ls_key-doknr AND dokvr = ls_key-dokvr
      AND doktl = ls_key-doktl.
  ls_phio-lo_objid = lv_appl.
  ls_phio-ph_objid = lv_phio.
  CALL FUNCTION 'CV120_KPRO_CHECKOUT_TO_TABLE'
    EXPORTING
      ps_draw     = ls_draw
      ps_phio     = ls_phio
    TABLES
      ptx_content = lt_content
    EXCEPTIONS
      OTHERS      = 1.
  IF sy-subrc <> 0.
    lv_text = |The content { iv_reference } cannot be read from its store|.
    PERFORM message USING 'E' '029' lv_text 0 'IV_REFERENCE' space CHANGING ct_return.
    RETURN.
  ENDIF.
  LOOP AT lt_content INTO ls_content.             " ORLN: bytes of the whole
    IF sy-tabix = 1.
      lv_left = ls_content-orln.
    ENDIF.
    lv_part = xstrlen( ls_content-orblk ).
    IF lv_part > lv_left.
      lv_part = lv_left.
    ENDIF.
    IF lv_part > 0.
      CONCATENATE cv_content ls_content-orblk(lv_part) INTO cv_content IN BYTE MODE.
    ENDIF.
    lv_left = lv_left - lv_part.
  ENDLOOP.
ENDFORM.
