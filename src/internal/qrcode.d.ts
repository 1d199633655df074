/** The one function of qrcode that is used, declared here because qrcode's own types need those of Node and the DOM. */
declare module "qrcode/lib/core/qrcode.js" {
  /** `data` holds the modules row by row, 1 for dark. */
  export function create(
    text: string,
    options: { errorCorrectionLevel: "M" },
  ): { modules: { size: number; data: Uint8Array } };
}
