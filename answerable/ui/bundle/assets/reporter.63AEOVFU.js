import{a,b}from"./chunk.BB3SPA6C.js";import"./chunk.DTVUHHPU.js";import"./chunk.73ZJM5GI.js";import"./chunk.6SIGXRZF.js";import"./chunk.SO7B44UJ.js";export{b as MailboxApi,a as ReporterApi};
