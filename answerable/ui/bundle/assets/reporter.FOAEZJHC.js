import{a,b}from"./chunk.W7XGLBRP.js";import"./chunk.DTVUHHPU.js";import"./chunk.73ZJM5GI.js";import"./chunk.6SIGXRZF.js";import"./chunk.SO7B44UJ.js";export{b as MailboxApi,a as ReporterApi};
