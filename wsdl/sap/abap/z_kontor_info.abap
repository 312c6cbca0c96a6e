FUNCTION z_kontor_info.
*"----------------------------------------------------------------------
*"  EXPORTING
*"     VALUE(EV_SYSID) TYPE  SYSYSID
*"     VALUE(EV_CLIENT) TYPE  MANDT
*"     VALUE(EV_RELEASE) TYPE  SYSAPRL
*"     VALUE(EV_WRAPPER) TYPE  CHAR1
*"     VALUE(EV_KEY_GRADE) TYPE  CHAR1
*"     VALUE(EV_MAX_WORK_S) TYPE  I
*"     VALUE(EV_NOW) TYPE  ZKONTOR_STAMP
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Who answers, and how long a call may still be at work after its caller
* has given up: Kontor waits that long before it trusts an ABSENT.
  DATA: lv_value TYPE zkontor_conf-value,
        lv_param TYPE c LENGTH 64,
        lv_text  TYPE string.

  ev_sysid     = sy-sysid.
  ev_client    = sy-mandt.
  ev_release   = sy-saprl.
  ev_wrapper   = gc_wrapper.
  ev_key_grade = 'K'.
  PERFORM now_text CHANGING ev_now.

  PERFORM setting USING 'MAX_WORK_S' CHANGING lv_value.
  IF lv_value IS INITIAL.
    CALL 'C_SAPGPARAM' ID 'NAME'  FIELD 'rdisp/max_wprun_time'
                       ID 'VALUE' FIELD lv_param.
    lv_value = lv_param.
  ENDIF.
  CONDENSE lv_value NO-GAPS.
  IF lv_value IS NOT INITIAL AND lv_value CO '0123456789 ' AND lv_value <> '0'.
    ev_max_work_s = lv_value.
  ELSE.
    ev_max_work_s = 3600.
    lv_text = |The longest run time of a dialog work process is unknown; 3600 s assumed. Set MAX_WORK_S|.
    PERFORM message USING 'W' '017' lv_text 0 space space CHANGING return.
  ENDIF.
ENDFUNCTION.
