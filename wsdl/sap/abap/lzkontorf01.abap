*----------------------------------------------------------------------*
* Function group ZKONTOR, helpers of all functions (include LZKONTORF01):
* messages, settings, time, change tokens, external forms.
*----------------------------------------------------------------------*

* One row of RETURN. The texts are English and fixed: Kontor identifies
* a message by class and number, so no message class has to exist.
FORM message USING iv_type   TYPE clike
                   iv_number TYPE clike
                   iv_text   TYPE csequence
                   iv_row    TYPE i
                   iv_param  TYPE clike
                   iv_field  TYPE clike
             CHANGING ct_return TYPE zkontor_t_return.
  DATA ls_return TYPE bapiret2.
  ls_return-type      = iv_type.
  ls_return-id        = gc_msgid.
  ls_return-number    = iv_number.
  ls_return-message   = iv_text.
  ls_return-row       = iv_row.
  ls_return-parameter = iv_param.
  ls_return-field     = iv_field.
  ls_return-system    = sy-sysid.
  APPEND ls_return TO ct_return.
ENDFORM.

FORM has_error USING it_return TYPE zkontor_t_return
               CHANGING cv_error TYPE c.
  CLEAR cv_error.
  LOOP AT it_return TRANSPORTING NO FIELDS WHERE type = 'E' OR type = 'A'.
    cv_error = 'X'.
    RETURN.
  ENDLOOP.
ENDFORM.

* A setting of table ZKONTOR_CONF; empty where it is not kept.
FORM setting USING iv_name TYPE clike
             CHANGING cv_value TYPE zkontor_conf-value.
  DATA lv_name TYPE zkontor_conf-name.
  lv_name = iv_name.
  CLEAR cv_value.
  SELECT value FROM zkontor_conf INTO cv_value UP TO 1 ROWS
    WHERE name = lv_name ORDER BY seqno.
  ENDSELECT.
ENDFORM.

FORM setting_must USING iv_name TYPE clike
                  CHANGING cv_value TYPE zkontor_conf-value
                           ct_return TYPE zkontor_t_return.
  DATA lv_text TYPE string.
  PERFORM setting USING iv_name CHANGING cv_value.
  IF cv_value IS INITIAL.
    lv_text = |Setting { iv_name } is missing in ZKONTOR_CONF|.
    PERFORM message USING 'E' '016' lv_text 0 space space CHANGING ct_return.
  ENDIF.
ENDFORM.

* UTC now as 20261121203754.1234567.
FORM now_text CHANGING cv_text TYPE zkontor_stamp.
  DATA lv_long TYPE timestampl.
  GET TIME STAMP FIELD lv_long.
  cv_text = lv_long.
  CONDENSE cv_text NO-GAPS.
ENDFORM.

* When the snapshot began; nothing in a change run.
FORM begun_text USING is_token TYPE ty_token
                CHANGING cv_text TYPE zkontor_stamp.
  DATA lv_stamp TYPE n LENGTH 14.
  CLEAR cv_text.
  IF is_token-snapshot = 'X'.
    lv_stamp = is_token-start.
    CONCATENATE lv_stamp '.0000000' INTO cv_text.
  ENDIF.
ENDFORM.

* Change documents carry the system's local time. In the hour that autumn
* repeats a later instant has an earlier local time: go back one hour more.
FORM local_time USING iv_stamp TYPE timestamp
                CHANGING cs_local TYPE ty_local.
  DATA: lv_zone  TYPE ttzcu-tzonesys,
        lv_later TYPE timestamp,
        lv_from  TYPE timestamp,
        ls_later TYPE ty_local.
  SELECT SINGLE tzonesys FROM ttzcu INTO lv_zone WHERE flagactive = 'X'.
  IF sy-subrc <> 0.
    SELECT tzonesys FROM ttzcu INTO lv_zone UP TO 1 ROWS. ENDSELECT.
  ENDIF.
  lv_from = iv_stamp.
  TRY.
      lv_later = cl_abap_tstmp=>add( tstmp = iv_stamp secs = 3600 ).
      CONVERT TIME STAMP lv_from  TIME ZONE lv_zone INTO DATE cs_local-datum TIME cs_local-uzeit.
      CONVERT TIME STAMP lv_later TIME ZONE lv_zone INTO DATE ls_later-datum TIME ls_later-uzeit.
      IF cs_local = ls_later.
        lv_from = cl_abap_tstmp=>subtractsecs( tstmp = iv_stamp secs = 3600 ).
        CONVERT TIME STAMP lv_from TIME ZONE lv_zone INTO DATE cs_local-datum TIME cs_local-uzeit.
      ENDIF.
    CATCH cx_parameter_invalid_range cx_parameter_invalid_type.
      CLEAR cs_local.                             " reads everything: slow, never wrong
  ENDTRY.
ENDFORM.

* Tokens: Syyyymmddhhmmss<key>         within a snapshot that began then
*         Dyyyymmddhhmmss              changes since then
*         Dyyyymmddhhmmss<secs8><key>  within that run, begun secs later
* Kontor hands them back unread. 63 characters at most.
FORM token_read USING iv_token TYPE zkontor_token
                CHANGING cs_token TYPE ty_token
                         ct_return TYPE zkontor_t_return.
  DATA: lv_text TYPE string,
        lv_secs TYPE i,
        lv_age  TYPE timestamp.
  CLEAR cs_token.
  GET TIME STAMP FIELD cs_token-start.
  IF iv_token IS INITIAL.
    cs_token-snapshot = 'X'.
    RETURN.
  ENDIF.
  IF iv_token+1(14) CN '0123456789' OR ( iv_token(1) <> 'S' AND iv_token(1) <> 'D' )
     OR ( iv_token(1) = 'D' AND iv_token+15(8) <> space AND iv_token+15(8) CN '0123456789' ).
    lv_text = |Token { iv_token } cannot be read|.
    PERFORM message USING 'E' '002' lv_text 0 'IV_TOKEN' space CHANGING ct_return.
    RETURN.
  ENDIF.
  TRY.
      IF iv_token(1) = 'S'.
        cs_token-snapshot = 'X'.
        cs_token-start = iv_token+1(14).
        cs_token-key = iv_token+15(40).
      ELSEIF iv_token+15(8) <> space.
        cs_token-since = iv_token+1(14).
        lv_secs = iv_token+15(8).
        cs_token-start = cl_abap_tstmp=>add( tstmp = cs_token-since secs = lv_secs ).
        cs_token-key = iv_token+23(40).
      ELSE.
        cs_token-since = iv_token+1(14).
        lv_secs = gc_delta_days * 86400.
        lv_age = cl_abap_tstmp=>subtractsecs( tstmp = cs_token-start secs = lv_secs ).
        IF cs_token-since < lv_age.               " change documents may be archived: read everything
          CLEAR cs_token-since.
          cs_token-snapshot = 'X'.
        ENDIF.
      ENDIF.
    CATCH cx_parameter_invalid_range cx_parameter_invalid_type.
      lv_text = |Token { iv_token } cannot be read|.
      PERFORM message USING 'E' '002' lv_text 0 'IV_TOKEN' space CHANGING ct_return.
  ENDTRY.
ENDFORM.

* iv_more: a page follows, which begins behind iv_key.
FORM token_write USING is_token TYPE ty_token
                       iv_more TYPE c
                       iv_key TYPE clike
                 CHANGING cv_token TYPE zkontor_token.
  DATA: lv_stamp TYPE n LENGTH 14,
        lv_secs  TYPE n LENGTH 8,
        lv_next  TYPE timestamp.
  CLEAR cv_token.
  TRY.
      IF iv_more = 'X' AND is_token-snapshot = 'X'.
        lv_stamp = is_token-start.
        CONCATENATE 'S' lv_stamp iv_key INTO cv_token RESPECTING BLANKS.
      ELSEIF iv_more = 'X'.
        lv_stamp = is_token-since.
        lv_secs = cl_abap_tstmp=>subtract( tstmp1 = is_token-start tstmp2 = is_token-since ).
        CONCATENATE 'D' lv_stamp lv_secs iv_key INTO cv_token RESPECTING BLANKS.
      ELSE.
        lv_next = cl_abap_tstmp=>subtractsecs( tstmp = is_token-start secs = gc_overlap_s ).
        lv_stamp = lv_next.
        CONCATENATE 'D' lv_stamp INTO cv_token.
      ENDIF.
    CATCH cx_parameter_invalid_range cx_parameter_invalid_type.
      CLEAR cv_token.                             " an empty token starts a snapshot: slow, never wrong
  ENDTRY.
ENDFORM.

FORM page_size USING iv_max TYPE i CHANGING cv_max TYPE i.
  cv_max = iv_max.
  IF cv_max <= 0.
    cv_max = gc_max_default.
  ELSEIF cv_max > gc_max_limit.
    cv_max = gc_max_limit.
  ENDIF.
ENDFORM.

* Object ids of one class of change documents since a local time.
FORM changed_objects USING iv_class TYPE clike
                           is_since TYPE ty_local
                     CHANGING ct_objectid TYPE ty_objectid_tab.
  DATA lv_class TYPE cdhdr-objectclas.
  lv_class = iv_class.
  SELECT DISTINCT objectid FROM cdhdr APPENDING TABLE ct_objectid
    WHERE objectclas = lv_class
      AND ( udate > is_since-datum OR ( udate = is_since-datum AND utime >= is_since-uzeit ) ).
ENDFORM.

* ---- external forms ---------------------------------------------------

FORM matnr_out USING iv_matnr TYPE matnr CHANGING cv_text TYPE clike.
  CALL FUNCTION 'CONVERSION_EXIT_MATN1_OUTPUT'
    EXPORTING
      input  = iv_matnr
    IMPORTING
      output = cv_text.
ENDFORM.

FORM matnr_in USING iv_text TYPE clike CHANGING cv_matnr TYPE matnr cv_ok TYPE c.
  cv_ok = 'X'.
  CALL FUNCTION 'CONVERSION_EXIT_MATN1_INPUT'
    EXPORTING
      input        = iv_text
    IMPORTING
      output       = cv_matnr
    EXCEPTIONS
      length_error = 1
      OTHERS       = 2.
  IF sy-subrc <> 0.
    CLEAR cv_ok.
  ENDIF.
ENDFORM.

FORM alpha_out USING iv_value TYPE clike CHANGING cv_text TYPE clike.
  CALL FUNCTION 'CONVERSION_EXIT_ALPHA_OUTPUT'
    EXPORTING
      input  = iv_value
    IMPORTING
      output = cv_text.
ENDFORM.

FORM alpha_in USING iv_text TYPE clike CHANGING cv_value TYPE clike.
  CALL FUNCTION 'CONVERSION_EXIT_ALPHA_INPUT'
    EXPORTING
      input  = iv_text
    IMPORTING
      output = cv_value.
ENDFORM.

* ISO code of a unit; the SAP unit itself where none is kept.
FORM unit_out USING iv_unit TYPE meins CHANGING cv_text TYPE clike.
  DATA lv_iso TYPE t006-isocode.
  CLEAR cv_text.
  IF iv_unit IS INITIAL.
    RETURN.
  ENDIF.
  SELECT SINGLE isocode FROM t006 INTO lv_iso WHERE msehi = iv_unit.
  IF lv_iso IS INITIAL.
    cv_text = iv_unit.
  ELSE.
    cv_text = lv_iso.
  ENDIF.
ENDFORM.

FORM langu_out USING iv_spras TYPE spras CHANGING cv_text TYPE clike.
  DATA lv_iso TYPE t002-laiso.
  SELECT SINGLE laiso FROM t002 INTO lv_iso WHERE spras = iv_spras.
  cv_text = lv_iso.
ENDFORM.

* Tables keep two decimals whatever the currency: JPY 100 stands as 1.00.
FORM amount_out USING iv_amount TYPE p
                      iv_currency TYPE waers
                CHANGING cv_amount TYPE zkontor_amount.
  DATA: lv_decimals TYPE i VALUE 2,
        lv_currdec  TYPE tcurx-currdec.
  SELECT SINGLE currdec FROM tcurx INTO lv_currdec WHERE currkey = iv_currency.
  IF sy-subrc = 0.
    lv_decimals = lv_currdec.
  ENDIF.
  cv_amount = iv_amount.
  WHILE lv_decimals < 2.
    cv_amount = cv_amount * 10.
    lv_decimals = lv_decimals + 1.
  ENDWHILE.
  WHILE lv_decimals > 2.
    cv_amount = cv_amount / 10.
    lv_decimals = lv_decimals - 1.
  ENDWHILE.
ENDFORM.

* A long text as one string; line ends where the editor had them.
FORM long_text USING iv_object TYPE clike
                     iv_name   TYPE clike
                     iv_id     TYPE clike
                     iv_spras  TYPE spras
               CHANGING cv_text TYPE string.
  DATA: lt_line   TYPE STANDARD TABLE OF tline,
        ls_line   TYPE tline,
        lv_object TYPE thead-tdobject,
        lv_name   TYPE thead-tdname,
        lv_id     TYPE thead-tdid.
  CLEAR cv_text.
  lv_object = iv_object.
  lv_name   = iv_name.
  lv_id     = iv_id.
  CALL FUNCTION 'READ_TEXT'
    EXPORTING
      id        = lv_id
      language  = iv_spras
      name      = lv_name
      object    = lv_object
    TABLES
      lines     = lt_line
    EXCEPTIONS
      not_found = 1
      OTHERS    = 2.
  IF sy-subrc <> 0.
    RETURN.                                       " no such text is the normal case
  ENDIF.
  LOOP AT lt_line INTO ls_line.
    IF sy-tabix > 1.
      IF ls_line-tdformat = space.                " the editor wrapped the line
        CONCATENATE cv_text ` ` INTO cv_text RESPECTING BLANKS.
      ELSEIF ls_line-tdformat <> '='.             " = goes on without a gap
        CONCATENATE cv_text cl_abap_char_utilities=>newline INTO cv_text RESPECTING BLANKS.
      ENDIF.
    ENDIF.
    CONCATENATE cv_text ls_line-tdline INTO cv_text.
  ENDLOOP.
ENDFORM.
