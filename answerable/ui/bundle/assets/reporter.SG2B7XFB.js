import{a,b}from"./chunk.ZLR7F3TP.js";import"./chunk.DBUVO6B4.js";import"./chunk.LU4UJZUH.js";import"./chunk.6SIGXRZF.js";import"./chunk.SO7B44UJ.js";export{b as MailboxApi,a as ReporterApi};
